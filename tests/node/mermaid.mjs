// What Mermaid makes of flow charts: [text] → [{ type, vertices: { id: label }, classes: { id: [class] }, edges } | { error }].
// Its parser cleans labels with DOMPurify, which does nothing without a window; nothing is drawn here, so it need not.
import DOMPurify from "dompurify";
import { answer, attempt, question } from "./probe.mjs";

DOMPurify.addHook = () => {};
DOMPurify.sanitize = (text) => text;
const { default: mermaid } = await import("mermaid");

const answers = [];
for (const text of await question()) {
  answers.push(
    await attempt(async () => {
      const { diagramType } = await mermaid.parse(text);
      const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
      const vertices = [...diagram.db.getVertices().values()];
      return {
        type: diagramType,
        vertices: Object.fromEntries(vertices.map((vertex) => [vertex.id, vertex.text])),
        classes: Object.fromEntries(vertices.map((vertex) => [vertex.id, vertex.classes])),
        edges: diagram.db.getEdges().map((edge) => [edge.start, edge.stroke, edge.end]),
      };
    }),
  );
}
answer(answers);

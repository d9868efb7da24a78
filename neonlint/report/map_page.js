"use strict";
(() => {
  const all = (within, what) => [...within.querySelectorAll(what)];
  const picture = document.getElementById("picture");
  const links = all(picture, ".link");
  const boxes = all(picture, ".box");
  const rows = all(document, "tbody tr");

  const reach = (start, from, to) => {
    const found = new Set([start]);
    for (let grew = true; grew; ) {
      grew = false;
      for (const link of links) {
        if (found.has(link.dataset[from]) && !found.has(link.dataset[to])) {
          found.add(link.dataset[to]);
          grew = true;
        }
      }
    }
    return found;
  };
  const pick = (id) => {
    const right = id ? reach(id, "start", "end") : new Set();
    const left = id ? reach(id, "end", "start") : new Set();
    const on = (one) => right.has(one) || left.has(one);
    picture.classList.toggle("picked", Boolean(id));
    boxes.forEach((box) => box.classList.toggle("on", on(box.dataset.id)));
    links.forEach((link) => {
      const { start, end } = link.dataset;
      link.classList.toggle("on", (right.has(start) && right.has(end)) || (left.has(start) && left.has(end)));
    });
    rows.forEach((row) => row.classList.toggle("on", Boolean(id) && row.dataset.ids.split(" ").includes(id)));
  };
  for (const box of boxes) {
    box.addEventListener("mouseenter", () => pick(box.dataset.id));
    box.addEventListener("mouseleave", () => pick(null));
    box.addEventListener("focus", () => pick(box.dataset.id));
    box.addEventListener("blur", () => pick(null));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pick(null);
  });

  const find = document.getElementById("find");
  const told = document.getElementById("found");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  find.addEventListener("input", () => {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    let count = 0;
    rows.forEach((row, number) => {
      const fits = wanted.every((word) => texts[number].includes(word));
      row.hidden = !fits;
      count += fits;
      if (fits) row.dataset.ids.split(" ").forEach((id) => shown.add(id));
    });
    boxes.forEach((box) => box.classList.toggle("off", !shown.has(box.dataset.id)));
    links.forEach((link) => {
      link.classList.toggle("off", !(shown.has(link.dataset.start) && shown.has(link.dataset.end)));
    });
    all(picture, ".figure").forEach((figure) => {
      figure.hidden = !all(figure, ".box").some((box) => shown.has(box.dataset.id));
    });
    told.textContent = wanted.length ? `${count} of ${rows.length} rows` : "";
  });
  document.querySelector(".find").hidden = false;
})();

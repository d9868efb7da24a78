"""The model every table meets at: values read from files, and the connections they mean. Knows no format, dialect or
client."""

vim.filetype.add({
  extension = { flow = "flow" },
  -- JSON5 to look at, and ours to those who ask.
  filename = { ["carapace.json5"] = "json5.carapace" },
})

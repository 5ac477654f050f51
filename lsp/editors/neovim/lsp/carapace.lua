-- Started by `vim.lsp.enable("carapace")`.

---@type vim.lsp.Config
return {
  cmd = { "carapace", "lsp" },
  filetypes = { "flow", "json5.carapace" },
  -- One server for all packages of a repository; else one for the package.
  root_markers = { ".git", "main.flow" },
}

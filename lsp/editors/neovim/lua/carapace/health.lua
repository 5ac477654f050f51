-- `:checkhealth carapace`

local M = {}

function M.check()
  vim.health.start("carapace")
  if vim.fn.has("nvim-0.11") == 1 then
    vim.health.ok("Neovim is new enough")
  else
    vim.health.error("Neovim 0.11 or newer is needed")
  end
  local program = vim.lsp.config.carapace and vim.lsp.config.carapace.cmd[1] or "carapace"
  if vim.fn.executable(program) == 1 then
    local said = vim.system({ program, "--version" }):wait()
    vim.health.ok(vim.trim(said.stdout or program))
  else
    vim.health.error(("the program `%s` is not in PATH"):format(program), { "install carapace, or set its path: see docs/editors.md" })
  end
  if vim.lsp.is_enabled and vim.lsp.is_enabled("carapace") then
    vim.health.ok("the language server is enabled")
  else
    vim.health.warn("the language server is not enabled", { 'vim.lsp.enable("carapace")' })
  end
  if pcall(vim.treesitter.language.inspect, "flow") or pcall(vim.treesitter.language.add, "flow") then
    vim.health.ok("the tree-sitter parser is there")
  else
    vim.health.warn("no tree-sitter parser: colours come from the language server alone", { ":CarapaceBuildParser" })
  end
end

return M

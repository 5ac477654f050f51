-- What stands behind the server's lenses (`vim.lsp.codelens.run()`), and commands of our own.

if vim.g.loaded_carapace then
  return
end
vim.g.loaded_carapace = true

local carapace = require("carapace")

vim.lsp.commands["carapace.runTest"] = function(command)
  carapace.run(command.command, command.arguments[1])
end
vim.lsp.commands["carapace.runAllTests"] = vim.lsp.commands["carapace.runTest"]
vim.lsp.commands["carapace.showGraph"] = function(command)
  carapace.graph(command.arguments[1].uri, command.arguments[1].position)
end
vim.lsp.commands["carapace.showRuns"] = function(command)
  carapace.runs(command.arguments[1].flow)
end

-- What came from outside stands slanted, what is secret underlined; a theme may say otherwise.
vim.api.nvim_set_hl(0, "@lsp.mod.untrusted.flow", { default = true, italic = true })
vim.api.nvim_set_hl(0, "@lsp.mod.secret.flow", { default = true, underline = true })

vim.api.nvim_create_user_command("CarapaceTest", function()
  carapace.run("carapace.runAllTests", { uri = vim.uri_from_bufnr(0) })
end, { desc = "Run the tests of this file" })

vim.api.nvim_create_user_command("CarapaceGraph", function()
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  carapace.graph(vim.uri_from_bufnr(0), { line = line - 1, character = column })
end, { desc = "Show the flow at the cursor as a picture" })

vim.api.nvim_create_user_command("CarapaceBuildParser", function()
  require("carapace.parser").build()
end, { desc = "Compile the tree-sitter parser for flows" })

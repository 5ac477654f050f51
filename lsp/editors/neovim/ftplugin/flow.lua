vim.bo.commentstring = "// %s"
vim.bo.comments = ":///,://"
vim.bo.shiftwidth = 2
vim.bo.tabstop = 2
vim.bo.expandtab = true
vim.opt_local.formatoptions:remove("t")
vim.opt_local.formatoptions:append("croqnlj")

-- Without the parser there are the colours of the language server.
local parsed = pcall(vim.treesitter.start, 0, "flow")
if parsed then
  vim.wo.foldexpr = "v:lua.vim.treesitter.foldexpr()"
end

vim.b.undo_ftplugin = (vim.b.undo_ftplugin or "exe")
  .. " | setlocal commentstring< comments< shiftwidth< tabstop< expandtab< formatoptions< foldexpr<"

-- The tree-sitter parser: its C source stands beside this plugin, in `../tree-sitter/src`.

local M = {}

---The folder of the grammar's C source.
---@return string
function M.source()
  local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, "S").source:sub(2)))
  return vim.fs.normalize(vim.fs.joinpath(here, "../../../tree-sitter/src"))
end

---Compiles it into a folder where Neovim looks for parsers.
---@param folder string?
---@return string? file none where it did not compile
function M.build(folder)
  folder = folder or vim.fs.joinpath(vim.fn.stdpath("data"), "site", "parser")
  vim.fn.mkdir(folder, "p")
  local source = M.source()
  local file = vim.fs.joinpath(folder, "flow.so")
  local compiler = vim.env.CC or "cc"
  local arguments = { compiler, "-O2", "-shared", "-fPIC", "-I", source, "-o", file }
  vim.list_extend(arguments, { source .. "/parser.c", source .. "/scanner.c" })
  local made = vim.system(arguments):wait()
  if made.code ~= 0 then
    vim.notify("carapace: the parser did not compile\n" .. (made.stderr or ""), vim.log.levels.ERROR)
    return nil
  end
  -- By its path: a folder that was not there when Neovim started is looked into only after the next start.
  vim.treesitter.language.add("flow", { path = file })
  return file
end

return M

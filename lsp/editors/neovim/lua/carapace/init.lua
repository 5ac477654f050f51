-- What the language server can beyond the protocol.

local M = {}

---The server that looks after a buffer or a file.
---@param uri string
---@return vim.lsp.Client?
local function client(uri)
  local found = vim.lsp.get_clients({ name = "carapace", bufnr = vim.uri_to_bufnr(uri) })[1]
  if not found then
    vim.notify("carapace: no language server looks after this file", vim.log.levels.WARN)
  end
  return found
end

-- Asks anew what is wrong in the files that the server looks after.
local function pull(server)
  for buffer in pairs(server.attached_buffers) do
    local asked = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
    server:request("textDocument/diagnostic", asked, nil, buffer)
  end
end

---Runs a test, or all of a file, and says what came of it. What failed stands in the source as a diagnostic.
---@param command string
---@param which { uri: string, title: string? }
---@param done fun(outcomes: table[])?
function M.run(command, which, done)
  local server = client(which.uri)
  if not server then
    return
  end
  server:request("workspace/executeCommand", { command = command, arguments = { which } }, function(problem, outcomes)
    if problem then
      vim.notify("carapace: " .. problem.message, vim.log.levels.ERROR)
      return
    end
    local failed = vim.tbl_filter(function(outcome)
      return not outcome.passed
    end, outcomes)
    local lines = { ("%d of %d tests passed"):format(#outcomes - #failed, #outcomes) }
    for _, outcome in ipairs(failed) do
      table.insert(lines, ("%s: %s"):format(outcome.title, outcome.message))
    end
    vim.notify(table.concat(lines, "\n"), #failed > 0 and vim.log.levels.WARN or vim.log.levels.INFO)
    pull(server)
    if done then
      done(outcomes)
    end
  end)
end

---Opens the picture of a flow in whatever shows pictures here.
---@param uri string
---@param position { line: integer, character: integer }
---@param show fun(file: string)?
function M.graph(uri, position, show)
  local server = client(uri)
  if not server then
    return
  end
  local asked = { textDocument = { uri = uri }, position = position }
  server:request("carapace/graph", asked, function(problem, picture)
    if problem or not picture or picture == vim.NIL then
      vim.notify("carapace: " .. (problem and problem.message or "no flow stands here"), vim.log.levels.WARN)
      return
    end
    local file = vim.fs.joinpath(vim.fn.stdpath("cache"), ("carapace-%s.svg"):format(picture.name))
    vim.fn.mkdir(vim.fs.dirname(file), "p")
    vim.fn.writefile(vim.split(picture.svg, "\n"), file)
    local open = show or vim.ui.open
    open(file)
  end)
end

---Lists the runs of a flow in a terminal, where the command that shows them also cancels and retries them.
---@param flow string
function M.runs(flow)
  vim.cmd.new()
  vim.fn.jobstart({ "carapace", "runs", "list", "--flow", flow }, { term = true })
end

return M

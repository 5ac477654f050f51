-- A person at Neovim: opens a flow, reads what is wrong, mends it, looks around. Each step fails by its name. The file is open.

local function wait(what, holds)
  local ok = vim.wait(20000, function()
    local good, answer = pcall(holds)
    return good and answer
  end, 20)
  assert(ok, "waited in vain for " .. what)
end

local function lines()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

-- Puts the cursor on the first `needle`, so many characters in.
local function go(needle, plus)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(needle, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 + (plus or 0) })
      return row, column - 1
    end
  end
  error("no `" .. needle .. "`")
end

-- Types `now` where `before` stands.
local function type_over(before, now)
  local row, column = go(before)
  vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column + #before, { now })
end

local function server()
  return vim.lsp.get_clients({ name = "carapace", bufnr = 0 })[1]
end

-- What the server answers at the cursor.
local function ask(method, more)
  local asked = vim.lsp.util.make_position_params(0, server().offset_encoding)
  local answer = server():request_sync(method, vim.tbl_extend("force", asked, more or {}), 20000, 0)
  assert(answer and not answer.err, method .. ": " .. vim.inspect(answer))
  return answer.result
end

local formatted = lines()
local steps = {
  {
    "the file is a flow, and its server starts",
    function()
      assert(vim.bo.filetype == "flow", vim.bo.filetype)
      wait("the server", function()
        return server() and server().initialized
      end)
      assert(vim.fs.basename(server().root_dir) == "package", server().root_dir)
    end,
  },
  {
    "a mistake is shown where it stands",
    function()
      type_over("words(visits)", "wrods(visits)")
      wait("the mistake", function()
        return #vim.diagnostic.get(0) == 1
      end)
      local told = vim.diagnostic.get(0)[1]
      local row, column = go("wrods")
      assert(told.lnum == row - 1 and told.col == column, vim.inspect(told))
      assert(tostring(told.code):match("^E%d%d%d%d$"), vim.inspect(told))
    end,
  },
  {
    "a code action mends it",
    function()
      go("wrods", 1)
      vim.lsp.buf.code_action({
        apply = true,
        filter = function(action)
          return action.kind == "quickfix" and action.title:find("words", 1, true) ~= nil
        end,
      })
      wait("the mended name", function()
        return lines():find("reply(words(visits))", 1, true)
      end)
      wait("no mistake", function()
        return #vim.diagnostic.get(0) == 0
      end)
    end,
  },
  {
    "names are completed",
    function()
      go("words(visits)", 3)
      local answer = ask("textDocument/completion")
      local labels = vim.tbl_map(function(item)
        return item.label
      end, answer.items or answer)
      assert(vim.tbl_contains(labels, "words"), vim.inspect(labels))
    end,
  },
  {
    "a name is explained",
    function()
      go("words(visits)", 1)
      local hover = ask("textDocument/hover")
      assert(vim.inspect(hover.contents):find("In words", 1, true), vim.inspect(hover))
    end,
  },
  {
    "a name leads to what it means",
    function()
      go("words(visits)", 1)
      vim.lsp.buf.definition()
      wait("the definition", function()
        return vim.api.nvim_get_current_line():find("fn words", 1, true)
      end)
    end,
  },
  {
    "everything of the file is known",
    function()
      go("words(visits)", 1)
      local references = ask("textDocument/references", { context = { includeDeclaration = true } })
      assert(#references == 2, vim.inspect(references))
      go("words(visits)", #"words(")
      local signature = ask("textDocument/signatureHelp")
      assert(signature.signatures[1].label:find("count: Int", 1, true), vim.inspect(signature))
      local names = vim.tbl_map(function(symbol)
        return symbol.name
      end, ask("textDocument/documentSymbol"))
      for _, name in ipairs({ "chat", "visits", "greet", "words" }) do
        assert(vim.tbl_contains(names, name), vim.inspect(names))
      end
      assert(#ask("textDocument/foldingRange") >= 3)
    end,
  },
  {
    "what comes from outside looks so",
    function()
      local row, column = go("message.text")
      wait("the meanings of words", function()
        return #(vim.lsp.semantic_tokens.get_at_pos(0, row - 1, column) or {}) > 0
      end)
      local token = vim.lsp.semantic_tokens.get_at_pos(0, row - 1, column)[1]
      assert(token.modifiers.untrusted, vim.inspect(token))
      local keyword, at = go("flow greet")
      token = vim.lsp.semantic_tokens.get_at_pos(0, keyword - 1, at)[1]
      assert(token.type == "keyword", vim.inspect(token))
    end,
  },
  {
    "a name gets another one everywhere",
    function()
      go("words(visits)", 1)
      vim.lsp.buf.rename("in_words")
      wait("the new name", function()
        local _, count = lines():gsub("in_words", "")
        return count == 2
      end)
      go("in_words(visits)", 1)
      vim.lsp.buf.rename("words")
      wait("the old name", function()
        return lines() == formatted
      end)
    end,
  },
  {
    "the file is formatted",
    function()
      type_over("reply(words(visits))", "reply(  words( visits ) )")
      vim.lsp.buf.format({ async = false, timeout_ms = 20000 })
      assert(lines() == formatted, lines())
    end,
  },
  {
    "a lens runs the test under it",
    function()
      local outcomes
      require("carapace").run("carapace.runAllTests", { uri = vim.uri_from_bufnr(0) }, function(told)
        outcomes = told
      end)
      wait("the tests", function()
        return outcomes
      end)
      local passed = vim.tbl_map(function(outcome)
        return outcome.passed
      end, outcomes)
      assert(vim.deep_equal(passed, { true, false }), vim.inspect(outcomes))
      wait("the failure in the source", function()
        local told = vim.diagnostic.get(0)
        return #told == 1 and told[1].lnum == go('expect chat.said("2 times")') - 1
      end)
      vim.lsp.codelens.refresh({ bufnr = 0 })
      wait("the lenses", function()
        return #vim.lsp.codelens.get(0) > 2
      end)
      for _, lens in ipairs(vim.lsp.codelens.get(0)) do
        assert(vim.lsp.commands[lens.command.command], lens.command.command .. " has nothing behind it")
      end
    end,
  },
  {
    "the flow at the cursor is a picture",
    function()
      local row = go("set visits")
      local shown
      require("carapace").graph(vim.uri_from_bufnr(0), { line = row - 1, character = 2 }, function(file)
        shown = file
      end)
      wait("the picture", function()
        return shown
      end)
      assert(table.concat(vim.fn.readfile(shown), "\n"):find("<svg", 1, true), shown)
    end,
  },
  {
    "the grammar colours it",
    function()
      assert(require("carapace.parser").build(), "the parser compiles")
      vim.cmd.write()
      vim.cmd.edit()
      assert(vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()], "it is in use")
      vim.treesitter.get_parser(0, "flow"):parse(true)
      local function colour(needle)
        local row, column = go(needle)
        local found
        for _, capture in ipairs(vim.treesitter.get_captures_at_pos(0, row - 1, column)) do
          found = capture.capture ~= "spell" and capture.capture or found
        end
        return found
      end
      assert(colour("flow greet") == "keyword.function", colour("flow greet"))
      assert(colour("contains") == "keyword.operator", colour("contains"))
      assert(colour('"hello"') == "string", colour('"hello"'))
      assert(colour("/// Counts") == "comment.documentation", colour("/// Counts"))
      for _, query in ipairs({ "highlights", "folds", "indents", "locals", "injections" }) do
        assert(vim.treesitter.query.get("flow", query), query)
      end
    end,
  },
  {
    "a configuration is looked at, too",
    function()
      vim.fn.writefile({ "{", "  version: 1,", "  lissten: 1,", "}" }, "carapace.json5")
      vim.cmd.edit("carapace.json5")
      assert(vim.bo.filetype == "json5.carapace", vim.bo.filetype)
      wait("what is wrong with it", function()
        local told = vim.diagnostic.get(0)
        return #told == 1 and told[1].lnum == 2 and told[1].code == "W0601"
      end)
    end,
  },
  {
    "its health is good",
    function()
      vim.cmd.checkhealth("carapace")
      local report = lines()
      assert(not report:find("ERROR"), report)
      assert(report:find("carapace %d"), report)
    end,
  },
}

local out = io.open(vim.env.CARAPACE_REPORT, "w")
for _, step in ipairs(steps) do
  local good, problem = xpcall(step[2], debug.traceback)
  out:write((good and "ok: " or "failed: ") .. step[1] .. "\n" .. (good and "" or problem .. "\n"))
  if not good then
    break
  end
end
out:write("done\n")
out:close()
vim.cmd("qall!")

; Later patterns win over earlier ones.

; --- names ---

(identifier) @variable
(type_identifier) @type
((type_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]+$"))

(named_type (identifier) @type)
(type_parameter) @type
(optional_type "?" @operator)

(field_expression field: (identifier) @variable.member)
(field_expression field: (type_identifier) @type)
(argument name: (identifier) @variable.parameter)
(pattern_field name: (identifier) @variable.member)
(field_value name: (_) @variable.member)
(field name: (_) @variable.member)
(property name: (_) @property)
(branch name: (identifier) @label)
(parameter name: (_) @variable.parameter)
(lambda parameters: (identifier) @variable.parameter)
(lambda_parameters (identifier) @variable.parameter)
(tag_name) @constant
(unit) @constant

((identifier) @variable.builtin
  (#any-of? @variable.builtin
    "message" "sender" "conversation" "received_at" "trigger" "payload" "body" "headers" "query" "it"))
(field_expression field: (identifier) @variable.member)

; --- what is declared ---

(channel name: (_) @constant)
(room name: (_) @constant)
(group name: (_) @constant)
(connection name: (_) @constant)
(channel kind: (_) @type.builtin)
(room kind: (_) @type.builtin)
(connection kind: (_) @type.builtin)
(channel_kind name: (_) @type)
(channel_statement name: (_) @constant)
(setting name: (_) @constant)
(const name: (_) @constant)
(state name: (_) @variable)
(set_statement state: (_) @variable)
(type_declaration name: (_) @type.definition)

(flow name: (_) @function)
(tool name: (_) @function)
(function name: (_) @function)
(extern_function name: (_) @function)
(effect name: (_) @function)
(trigger name: (_) @function)
(tag_declaration name: (_) @function)
(agent name: (_) @constructor)
(use path: (module_path) @module)
(use path: (module_path (identifier) @module))
(use name: (_) @module)

(call_expression function: (identifier) @function.call)
(call_expression function: (field_expression field: (_) @function.method.call))
(trigger_reference trigger: (identifier) @function.call .)
(trigger_reference trigger: (identifier) @function.call . (arguments))
(capability (identifier) @attribute)
(effect_place (identifier) @module)
(needs (identifier) @attribute)

; --- literals ---

(text) @string
(text_content) @string
(escape) @string.escape
(tag) @function.macro
(interpolation ["{" "}"] @punctuation.special)
(regex) @string.regexp
(test title: (text) @string.special)
(number) @number
(duration) @number
(money) @number
(boolean) @boolean
(none) @constant.builtin
(anything) @variable.builtin

(comment) @comment @spell
(doc_comment) @comment.documentation @spell

; --- keywords ---

["channel" "room" "group" "connection" "setting" "const" "state" "test" "kind" "tag"] @keyword
["type" "agent"] @keyword.type
["fn" "flow" "tool" "effect" "trigger"] @keyword.function
["extern" "secret" "trusted" "raw"] @keyword.modifier
(engine) @keyword.modifier
["use" "as"] @keyword.import

["let" "var" "set" "migrate" "keep"] @keyword
["if" "else" "match"] @keyword.conditional
["for" "while" "repeat"] @keyword.repeat
(break_statement) @keyword.repeat
(continue_statement) @keyword.repeat
(return_statement "return" @keyword.return)
["await" "listen" "start" "parallel" "race" "do"] @keyword.coroutine
["failure" "cancel" "undo"] @keyword.exception
(on_unknown ["on" "unknown"] @keyword.exception)

["on" "where" "limit" "debounce" "dedupe" "serial" "drop" "replace" "timeout" "priority" "cancellable" "by" "per"] @keyword
(mark_clause) @keyword
["retry" "backoff" "within" "until" "at" "most" "least" "once" "from"] @keyword
["approve" "budget"] @keyword
["can" "cannot" "delivery" "max" "redelivers" "needs" "requires" "parameter" "of"] @keyword
(on_failure "on" @keyword.exception)
(on_cancel "on" @keyword.exception)
(as_suffix "as" @keyword)
(matches_expression "as" @keyword)
(listen_statement "as" @keyword)

["given" "when" "advance" "expect" "calls" "says" "then" "fails" "takes" "costs" "after" "each" "order" "nothing"
 "containing" "matching" "times" "up" "down"] @keyword.debug
(crash) @keyword.debug
(crash_after ["crash" "await"] @keyword.debug)
(unknown) @keyword.debug
(channel_statement "channel" @keyword.debug)
(nothing_else "else" @keyword.debug)
(in_order "in" @keyword.debug)

["and" "or" "not" "in" "is" "contains" "starts" "ends" "with" "matches" "between" "ignoring" "case"] @keyword.operator
(is_expression ["empty" "some" "none"] @constant.builtin)
(for_expression "in" @keyword.repeat)
(for_expression "parallel" @keyword.repeat)
(await_in "in" @keyword)

; --- marks ---

["==" "!=" "<" "<=" ">" ">=" "??" "+" "-" "*" "/" "%" ".." "=" "=>" "->" "|" "@"] @operator
["." "?." "," ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(type_arguments ["<" ">"] @punctuation.bracket)
(type_parameters ["<" ">"] @punctuation.bracket)
(interpolation ["{" "}"] @punctuation.special)

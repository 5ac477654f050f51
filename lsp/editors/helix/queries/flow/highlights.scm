; In Helix's own names. Later patterns win over earlier ones.

; --- names ---

(identifier) @variable
(type_identifier) @type
((type_identifier) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]+$"))

(named_type (identifier) @type)
(type_parameter) @type.parameter
(optional_type "?" @operator)

((identifier) @variable.builtin
  (#any-of? @variable.builtin
    "message" "sender" "conversation" "received_at" "trigger" "payload" "body" "headers" "query" "it"))

(field_expression field: (identifier) @variable.other.member)
(field_expression field: (type_identifier) @type)
(argument name: (identifier) @variable.parameter)
(pattern_field name: (identifier) @variable.other.member)
(field_value name: (_) @variable.other.member)
(field name: (_) @variable.other.member)
(property name: (_) @variable.other.member)
(branch name: (identifier) @label)
(parameter name: (_) @variable.parameter)
(lambda parameters: (identifier) @variable.parameter)
(lambda_parameters (identifier) @variable.parameter)
(tag_name) @type.enum.variant
(unit) @constant

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
(type_declaration name: (_) @type)

(flow name: (_) @function)
(tool name: (_) @function)
(function name: (_) @function)
(extern_function name: (_) @function)
(effect name: (_) @function)
(trigger name: (_) @function)
(tag_declaration name: (_) @function)
(agent name: (_) @constructor)
(use path: (module_path) @namespace)
(use path: (module_path (identifier) @namespace))
(use name: (_) @namespace)

(call_expression function: (identifier) @function)
(call_expression function: (field_expression field: (_) @function.method))
(trigger_reference trigger: (identifier) @function .)
(trigger_reference trigger: (identifier) @function . (arguments))
(capability (identifier) @attribute)
(needs (identifier) @attribute)

; --- literals ---

(text) @string
(text_content) @string
(escape) @constant.character.escape
(tag) @function.macro
(regex) @string.regexp
(test title: (text) @string.special)
(number) @constant.numeric
(duration) @constant.numeric
(money) @constant.numeric
(boolean) @constant.builtin.boolean
(none) @constant.builtin
(anything) @variable.builtin

(comment) @comment.line
(doc_comment) @comment.block.documentation

; --- keywords ---

["channel" "room" "group" "connection" "setting" "const" "state" "test" "kind" "tag" "type" "agent"] @keyword.storage.type
["fn" "flow" "tool" "effect" "trigger"] @keyword.function
["extern" "secret" "trusted" "raw"] @keyword.storage.modifier
(engine) @keyword.storage.modifier
["use" "as"] @keyword.control.import

["let" "var" "set" "migrate" "keep"] @keyword.storage
["if" "else" "match"] @keyword.control.conditional
["for" "while" "repeat"] @keyword.control.repeat
(break_statement) @keyword.control.repeat
(continue_statement) @keyword.control.repeat
(return_statement "return" @keyword.control.return)
["await" "listen" "start" "parallel" "race" "do"] @keyword.control
["failure" "cancel" "undo"] @keyword.control.exception

["on" "where" "limit" "debounce" "dedupe" "serial" "drop" "replace" "timeout" "priority" "cancellable" "by" "per"] @keyword
(mark_clause) @keyword
["retry" "backoff" "within" "until" "at" "most" "least" "once" "from"] @keyword
["approve" "budget"] @keyword
["can" "cannot" "delivery" "max" "redelivers" "needs" "requires" "parameter" "of"] @keyword
(on_failure "on" @keyword.control.exception)
(on_cancel "on" @keyword.control.exception)
(on_unknown ["on" "unknown"] @keyword.control.exception)
(as_suffix "as" @keyword)
(matches_expression "as" @keyword)
(listen_statement "as" @keyword)

["given" "when" "advance" "expect" "calls" "says" "then" "fails" "takes" "costs" "after" "each" "order" "nothing"
 "containing" "matching" "times" "up" "down"] @keyword
(crash) @keyword
(crash_after ["crash" "await"] @keyword)
(unknown) @keyword
(nothing_else "else" @keyword)

["and" "or" "not" "in" "is" "contains" "starts" "ends" "with" "matches" "between" "ignoring" "case"] @keyword.operator
(is_expression ["empty" "some" "none"] @constant.builtin)
(for_expression ["in" "parallel"] @keyword.control.repeat)

; --- marks ---

["==" "!=" "<" "<=" ">" ">=" "??" "+" "-" "*" "/" "%" ".." "=" "=>" "->" "|" "@"] @operator
["." "?." "," ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(type_arguments ["<" ">"] @punctuation.bracket)
(type_parameters ["<" ">"] @punctuation.bracket)
(interpolation ["{" "}"] @punctuation.special)

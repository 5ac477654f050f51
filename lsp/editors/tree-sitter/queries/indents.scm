[
  (block)
  (fields)
  (agent)
  (channel_kind)
  (match_expression)
  (parallel_expression)
  (race_expression)
  (record)
  (list)
  (arguments)
  (parameters)
  (approve_property)
  (in_order)
] @indent.begin

; Clauses and suffixes stand a step further in than what they belong to.
(on_clause) @indent.begin

[
  "}"
  "]"
  ")"
] @indent.branch @indent.end

[
  (comment)
  (doc_comment)
] @indent.auto

(text) @indent.ignore

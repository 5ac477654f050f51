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
  (text)
] @fold

(doc_comment)+ @fold
(comment)+ @fold

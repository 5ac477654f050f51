[
  (source_file)
  (flow)
  (tool)
  (function)
  (block)
  (lambda)
  (arm)
  (for_expression)
] @local.scope

(parameter name: (_) @local.definition.variable.parameter)
(lambda parameters: (identifier) @local.definition.variable.parameter)
(lambda_parameters (identifier) @local.definition.variable.parameter)

(identifier) @local.reference

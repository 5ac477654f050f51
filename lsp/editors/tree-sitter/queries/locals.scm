(source_file) @local.scope
(flow) @local.scope
(tool) @local.scope
(function) @local.scope
(test) @local.scope
(block) @local.scope
(lambda) @local.scope
(arm) @local.scope
(for_expression) @local.scope
(on_failure) @local.scope

(flow name: (_) @local.definition.function
  (#set! definition.function.scope "parent"))
(tool name: (_) @local.definition.function
  (#set! definition.function.scope "parent"))
(function name: (_) @local.definition.function
  (#set! definition.function.scope "parent"))
(agent name: (_) @local.definition.var)
(channel name: (_) @local.definition.var)
(room name: (_) @local.definition.var)
(group name: (_) @local.definition.var)
(connection name: (_) @local.definition.var)
(setting name: (_) @local.definition.var)
(const name: (_) @local.definition.var)
(state name: (_) @local.definition.var)
(type_declaration name: (_) @local.definition.type)
(use name: (_) @local.definition.import)

(parameter name: (_) @local.definition.parameter)
(lambda parameters: (identifier) @local.definition.parameter)
(lambda_parameters (identifier) @local.definition.parameter)
(let_statement name: (_) @local.definition.var)
(var_statement name: (_) @local.definition.var)
(let_pattern name: (_) @local.definition.var)
(for_expression name: (_) @local.definition.var)
(listen_statement name: (_) @local.definition.var)
(matches_expression name: (_) @local.definition.var)
(on_failure error: (_) @local.definition.var)
(else_suffix error: (_) @local.definition.var)
(migrate name: (_) @local.definition.var)

(identifier) @local.reference
(named_type (type_identifier) @local.reference)

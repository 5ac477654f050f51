(flow body: (block) @function.inside) @function.around
(tool body: (block) @function.inside) @function.around
(function body: (block) @function.inside) @function.around
(test body: (block) @test.inside) @test.around
(type_declaration (fields) @class.inside) @class.around
(parameters (parameter) @parameter.inside)
(arguments (argument) @parameter.inside)
[(comment) (doc_comment)] @comment.inside
(comment)+ @comment.around
(doc_comment)+ @comment.around

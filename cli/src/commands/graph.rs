//! `carapace graph`: flows as pictures.

use crate::args::{Drawing, Graph};
use crate::exit::Exit;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use carapace_driver::Sources;
use carapace_graph::{Graph as Picture, graph_of, mermaid, svg};

pub(crate) fn run(options: &Graph) -> Result<Exit, Problem> {
    let package = Package::only(&options.path)?;
    let parsed = Sources::load(&package.files, &package.root).parse();
    let map = parsed.sources.map(&package.prefix);
    output::diagnostics(&parsed.diagnostics, &map, crate::args::Format::Human);
    if !parsed.sources.diagnostics.is_empty() {
        return Ok(Exit::Unusable);
    }
    let root = parsed.trees.first();
    let mut graphs: Vec<Picture> = root
        .map(|tree| tree.items.iter().filter_map(|placed| graph_of(&placed.item)).collect())
        .unwrap_or_default();
    if let Some(name) = &options.flow {
        let names: Vec<String> = graphs.iter().map(|g| g.name.clone()).collect();
        graphs.retain(|g| g.name == *name);
        if graphs.is_empty() {
            let problem = Problem::new("E0908", format!("`{}` has no flow `{name}`", package.name()));
            return Err(match names.is_empty() {
                true => problem,
                false => problem.help(format!("it has {}", names.join(", "))),
            });
        }
    }
    let text = match options.format {
        Drawing::Mermaid => mermaid(&graphs),
        Drawing::Svg => svg(&graphs),
        Drawing::Json => json(&graphs),
    };
    match &options.out {
        Some(path) => std::fs::write(path, text).map_err(|e| Problem::unwritable(path, &e))?,
        None => output::print(&text),
    }
    Ok(output::exit(&parsed.diagnostics))
}

fn json(graphs: &[Picture]) -> String {
    let graphs: Vec<serde_json::Value> = graphs
        .iter()
        .map(|graph| {
            let nodes: Vec<_> = graph
                .nodes
                .iter()
                .map(
                    |n| serde_json::json!({ "kind": format!("{:?}", n.kind).to_lowercase(), "text": n.text }),
                )
                .collect();
            let edges: Vec<_> = graph
                .edges
                .iter()
                .map(|e| serde_json::json!({ "from": e.from, "to": e.to, "text": e.text }))
                .collect();
            serde_json::json!({ "name": graph.name, "nodes": nodes, "edges": edges })
        })
        .collect();
    format!("{:#}\n", serde_json::json!({ "version": 1, "graphs": graphs }))
}

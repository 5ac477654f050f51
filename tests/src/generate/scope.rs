//! What is in scope, and of what type.

/// The types programs are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Ty {
    Int,
    Bool,
    Text,
    Number,
    Duration,
    MaybeInt,
    Ints,
    Texts,
    Point,
    Shape,
    Counts,
}

impl Ty {
    pub(super) const ALL: [Ty; 11] = [
        Ty::Int,
        Ty::Bool,
        Ty::Text,
        Ty::Number,
        Ty::Duration,
        Ty::MaybeInt,
        Ty::Ints,
        Ty::Texts,
        Ty::Point,
        Ty::Shape,
        Ty::Counts,
    ];

    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Ty::Int => "Int",
            Ty::Bool => "Bool",
            Ty::Text => "Text",
            Ty::Number => "Number",
            Ty::Duration => "Duration",
            Ty::MaybeInt => "Int?",
            Ty::Ints => "List<Int>",
            Ty::Texts => "List<Text>",
            Ty::Point => "Point",
            Ty::Shape => "Shape",
            Ty::Counts => "Map<Text, Int>",
        }
    }
}

/// A name in scope.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) mutable: bool,
}

/// A function that may be called.
#[derive(Debug, Clone)]
pub(super) struct Callee {
    pub(super) name: String,
    pub(super) params: Vec<Ty>,
    pub(super) result: Ty,
}

/// Everything in scope.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) variables: Vec<Variable>,
    pub(super) functions: Vec<Callee>,
    pub(super) flows: Vec<Callee>,
    pub(super) states: Vec<(String, Ty)>,
}

impl Scope {
    /// The same, where nothing from outside may be assigned: a branch.
    pub(super) fn frozen(&self) -> Scope {
        let mut scope = self.clone();
        for variable in &mut scope.variables {
            variable.mutable = false;
        }
        scope
    }
}

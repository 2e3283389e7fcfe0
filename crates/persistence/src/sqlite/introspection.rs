//! The live schema as data, for diagrams and generated code.

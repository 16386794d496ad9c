//! A new project.

//! Golden Dockerfiles.

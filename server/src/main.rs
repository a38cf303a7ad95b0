//! The local broker and file server behind `npm start`.
fn main() {}

//! What a teacher sees of the class: who is here, what they send, and what is wrong.
//!
//! It is read from the packets that the front carries, so boards and foreign programs are seen like
//! pupils' projects, whatever broker is inside.

mod addresses;
mod groups;
mod heads;
mod member;
mod pause;
mod project;
mod register;
mod routes;
mod words;

pub use groups::{Groups, MOST_BYTES as MOST_BYTES_OF_GROUPS};
pub use heads::{Connect, Cursor, VERSION_5, assigned_client_id, connack_code, sets_alias};
pub use pause::Pause;
pub use project::{MOST_BYTES as MOST_BYTES_OF_PROJECT, Refusal, Shelf};
pub use register::{Guest, Register, Way};
pub use routes::{
    Here, PAGE, Places, answer, board_picture, is_for_teachers, is_forwarded, is_own_page,
};
pub use words::{Answer, ClassWord, Role, Words, plain};

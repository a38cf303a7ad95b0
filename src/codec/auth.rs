//! AUTH, which is received only to be refused.

use super::cursor::Cursor;
use super::error::ProtocolError;
use super::{properties, reasons};
use crate::packet::{Auth, ReasonCode};

/// Reads the body: nothing, or a code and properties.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Auth, ProtocolError> {
    let mut reason = ReasonCode::SUCCESS;
    if !cursor.is_at_end() {
        reason = reasons::read(cursor)?;
        properties::read_reason_string(cursor)?;
    }
    Ok(Auth { reason })
}

//! How an interface that crosses between JavaScript and Rust is written: once, with its words.
//!
//! From one declaration come the TypeScript type with its documentation, the names that are known, and
//! the code that reads a program's object or makes ours. `scripts/api-tables.mjs` makes the tables of
//! `docs/reference/api.md` from the same lines. `@default` and `@unit` are tags of JSDoc for editors, and columns
//! of the table.

use wasm_bindgen::JsValue;

use super::error::MqttError;
use super::given::Given;

/// A value that the members of a program's object are read into.
pub trait Interface {
    /// Its declaration in TypeScript.
    const TYPESCRIPT: &'static str;

    /// Looks at an object of a program.
    ///
    /// # Errors
    ///
    /// `bad-argument`: it is none, or it has a name that is not declared.
    fn given(object: &JsValue) -> Result<Given<'_>, MqttError>;

    /// Sets every field whose member is given.
    ///
    /// # Errors
    ///
    /// `bad-argument`: a value of the wrong kind.
    fn read(&mut self, given: &Given<'_>) -> Result<(), MqttError>;
}

/// A value that is one of some words.
pub trait Word: Sized {
    /// What it must be, for messages.
    const KIND: &'static str;

    /// The value of a word.
    fn of(word: &str) -> Option<Self>;
}

/// Reads one of the words of a type.
///
/// # Errors
///
/// `bad-argument` for anything else.
pub fn word<T: Word>(given: &Given<'_>, name: &str) -> Result<Option<T>, MqttError> {
    given.read(name, T::KIND, |value: JsValue| T::of(&value.as_string()?))
}

/// Documentation as a comment of TypeScript; nothing where there is none.
macro_rules! comment {
    ($indent:literal) => {
        ""
    };
    ($indent:literal $($line:literal)+) => {
        concat!($indent, "/**\n", $($indent, " *", $line, "\n",)+ $indent, " */\n")
    };
}

/// A type of TypeScript whose values are words.
///
/// `"word" => value` reads words, and needs what a wrong one must be; `pattern => "word"` names values, by
/// the function.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        $name:ident reads $type:ty, $kind:literal {
            $(
                $(#[doc = $about:literal])*
                $word:literal => $value:expr,
            )*
        }
    ) => {
        impl Word for $type {
            const KIND: &'static str = $kind;

            fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($value),)*
                    _ => None,
                }
            }
        }
        $crate::browser::schema::words!(@typescript [$($doc)*] $name $([$($about)*] $word)*);
    };
    (
        $(#[doc = $doc:literal])*
        $name:ident names $type:ty as $function:ident {
            $(
                $(#[doc = $about:literal])*
                $pattern:pat => $word:literal,
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[must_use]
        pub const fn $function(value: &$type) -> &'static str {
            match value {
                $($pattern => $word,)*
            }
        }
        $crate::browser::schema::words!(@typescript [$($doc)*] $name $([$($about)*] $word)*);
    };
    (@typescript [$($doc:literal)*] $name:ident $([$($about:literal)*] $word:literal)*) => {
        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = concat!(
                $crate::browser::schema::comment!("" $($doc)*),
                "export type ", stringify!($name), " =",
                $("\n", $crate::browser::schema::comment!("  " $($about)*), "  | '", $word, "'",)*
                ";\n\n"
            );
        };
    };
}

/// An object that a program gives.
///
/// `name?: "type" => field: reader;` reads a member into a field, if it is given. What needs more than
/// its own value has no `=>` and is read by hand.
macro_rules! given {
    (
        $(#[doc = $doc:literal])*
        $interface:ident $called:literal => $target:ty {
            $(
                $(#[doc = $about:literal])*
                // `?` has no value of its own to repeat: the lifetime is never there.
                $name:ident $(? $($never:lifetime)?)?: $type:literal
                    $(=> $($field:ident).+: $reader:expr)?;
            )*
        }
    ) => {
        impl Interface for $target {
            const TYPESCRIPT: &'static str = concat!(
                $crate::browser::schema::comment!("" $($doc)*),
                "export interface ", stringify!($interface), " {\n",
                $(
                    $crate::browser::schema::comment!("  " $($about)*),
                    "  ", stringify!($name), $("?", $($never)?)? ": ", $type, ";\n",
                )*
                "}\n\n"
            );

            fn given(object: &JsValue) -> Result<Given<'_>, MqttError> {
                Given::new($called, object, &[$(stringify!($name)),*])
            }

            fn read(&mut self, given: &Given<'_>) -> Result<(), MqttError> {
                $($(
                    if let Some(value) = ($reader)(given, stringify!($name))? {
                        self.$($field).+ = value.into();
                    }
                )?)*
                Ok(())
            }
        }
        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = <$target as Interface>::TYPESCRIPT;
        };
    };
}

/// An object that a program gets: `name?: "type" => field;`. No field is forgotten: what it does not get is
/// left out by name.
macro_rules! to_js {
    (
        $(#[doc = $doc:literal])*
        $interface:ident => $source:ty $(, without $($left_out:ident),+)? {
            $(
                $(#[doc = $about:literal])*
                $name:ident $(? $($never:lifetime)?)?: $type:literal => $field:ident;
            )*
        }
    ) => {
        impl ToJs for $source {
            fn to_js(&self) -> Option<JsValue> {
                let Self { $($field,)* $($($left_out: _,)+)? } = self;
                let literal = Literal::new()$(.with(stringify!($name), $field))*;
                Some(literal.into())
            }
        }
        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = concat!(
                $crate::browser::schema::comment!("" $($doc)*),
                "export interface ", stringify!($interface), " {\n",
                $(
                    $crate::browser::schema::comment!("  " $($about)*),
                    "  ", stringify!($name), $("?", $($never)?)? ": ", $type, ";\n",
                )*
                "}\n\n"
            );
        };
    };
}

/// Events that a program gets: what each is called, and `name?: "type" => value;` for its members.
macro_rules! events {
    (
        $(#[doc = $doc:literal])*
        $union:ident => $source:ty, without $left_out:path {
            $(
                $(#[doc = $about:literal])*
                $pattern:pat => $word:literal {
                    $(
                        $(#[doc = $detail:literal])*
                        $name:ident $(? $($never:lifetime)?)?: $type:literal => $value:expr;
                    )*
                }
            )*
        }
    ) => {
        impl ToJs for $source {
            fn to_js(&self) -> Option<JsValue> {
                let literal = match self {
                    $left_out(..) => return None,
                    $(
                        $pattern => Literal::new()
                            .with("type", &$word)
                            $(.with(stringify!($name), &$value))*,
                    )*
                };
                Some(literal.into())
            }
        }
        const _: () = {
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = concat!(
                $crate::browser::schema::comment!("" $($doc)*),
                "export type ", stringify!($union), " =",
                $(
                    "\n", $crate::browser::schema::comment!("  " $($about)*),
                    "  | {\n      type: '", $word, "';\n",
                    $(
                        $crate::browser::schema::comment!("      " $($detail)*),
                        "      ", stringify!($name), $("?", $($never)?)? ": ", $type, ";\n",
                    )*
                    "    }",
                )*
                ";\n\n"
            );
        };
    };
}

pub(super) use {comment, events, given, to_js, words};

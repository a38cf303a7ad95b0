//! The timer of a driver; `page.js` says how it fires in a hidden tab.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = setAlarm)]
    fn set_alarm(milliseconds: f64, ring: &JsValue) -> f64;

    #[wasm_bindgen(js_name = clearAlarm)]
    fn clear_alarm(number: f64);
}

/// Fires once, unless it is dropped before.
pub struct Timer {
    number: f64,
    _fire: Closure<dyn FnMut()>,
}

impl Timer {
    /// Fires after so many milliseconds, at most 2,147,483,647: a longer time would fire at once.
    #[must_use]
    pub fn new(milliseconds: f64, fire: impl FnOnce() + 'static) -> Self {
        let fire = Closure::once(fire);
        let number = set_alarm(milliseconds, fire.as_ref());
        Self {
            number,
            _fire: fire,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_alarm(self.number);
    }
}

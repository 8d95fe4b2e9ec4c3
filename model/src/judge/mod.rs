//! What explains what was seen of an endpoint, and which rule is broken when nothing does? (spec, section 8)
//!
//! In the order in which data meets them: `event` is what a judge hears of, `served` and `seen` are answers field by field and in
//! the model's words, `text` is what comes from outside; `belief` holds the states that explain what was seen, `race` asks
//! whether calls at once can have happened one after the other, `blame` names the rule that is broken; `roster` knows who is who; `trial` is the
//! judge that puts these together, `watch` judges what others drive; `finding` is what comes out, `excuse` what else would explain it.

pub mod belief;
pub mod blame;
pub mod course;
pub mod event;
pub mod excuse;
pub mod finding;
pub mod nearest;
pub mod race;
pub mod roster;
pub mod seen;
pub mod served;
pub mod text;
pub mod trial;
pub mod watch;

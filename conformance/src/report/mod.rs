//! TEMP
#![allow(missing_docs)]
use crate::verdict::*;
pub mod text {
    use super::*;
    pub fn render(r: &Report, _c: bool) -> String {
        let mut s = String::new();
        for t in &r.traces {
            if t.verdict != Verdict::Pass {
                s.push_str(&format!(
                    "{} {} {:?} {:?}\n",
                    t.verdict, t.name, t.rule, t.reason
                ));
                for d in &t.deviations {
                    s.push_str(&format!("   {:?} {} step {} {} | {}\n      allowed {:?}\n      seen {}\n   nearest {:?}\n",d.kind,d.rule,d.step,d.deed,d.view,d.allowed,d.seen,d.nearest));
                }
            }
        }
        s.push_str(&format!(
            "{} traces {} steps {} in {:.2}s: pass {} dev {} to {} skip {} na {} broken {}\n",
            r.verdict,
            r.traces.len(),
            r.steps(),
            r.seconds,
            r.count(Verdict::Pass),
            r.count(Verdict::Deviates),
            r.count(Verdict::Timeout),
            r.count(Verdict::Skipped),
            r.count(Verdict::NotApplicable),
            r.count(Verdict::Broken)
        ));
        s
    }
}
pub mod json {
    use super::*;
    pub fn render(r: &Report) -> String {
        serde_json::to_string(r).unwrap_or_default()
    }
}
pub fn write_all(
    r: &Report,
    d: &std::path::Path,
) -> Result<Vec<std::path::PathBuf>, std::io::Error> {
    std::fs::create_dir_all(d)?;
    std::fs::write(d.join("report.json"), json::render(r))?;
    Ok(vec![])
}

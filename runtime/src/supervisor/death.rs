//! Why a worker died, in words that belong into a failed prediction.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Counts the processes of this container (control group) that the kernel killed for want of memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct OomCount(Option<u64>);

impl OomCount {
    pub(super) fn now() -> Self {
        Self(read_oom_kills())
    }

    /// Whether the kernel killed something since.
    fn rose_since(self) -> bool {
        match (self.0, read_oom_kills()) {
            (Some(before), Some(now)) => now > before,
            _ => false,
        }
    }
}

/// The loss of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// Why, in a sentence.
    pub(super) cause: String,
    /// Why, in a word that can be counted: one of [`KINDS`].
    pub(super) kind: &'static str,
}

/// The words for why a worker was lost.
pub(super) const KINDS: [&str; 6] = ["signal", "exit", "out_of_memory", "no_answer", "setup", "replaced"];

/// What happened, given how the process ended and what it printed last.
pub(super) fn loss(status: Option<ExitStatus>, before: OomCount, last_words: &str) -> Loss {
    let lost = |kind, cause: String| Loss { cause, kind };
    let Some(status) = status else {
        return lost("no_answer", "the model's process stopped answering".to_owned());
    };
    match (status.signal(), status.code()) {
        (Some(libc::SIGKILL), _) if before.rose_since() => {
            let cause = "the model's process ran out of memory and was killed by the kernel (SIGKILL)";
            lost("out_of_memory", cause.to_owned())
        }
        (Some(libc::SIGKILL), _) => {
            let cause = "the model's process was killed (SIGKILL), by hand or for want of memory";
            lost("signal", cause.to_owned())
        }
        (Some(number), _) => {
            let panic = if number == libc::SIGABRT { panic_message(last_words) } else { None };
            let words = panic.map(|words| format!(": {words}")).unwrap_or_default();
            lost("signal", format!("the model's process crashed with {}{words}", name(number)))
        }
        (None, Some(code)) => lost("exit", format!("the model's process exited with code {code}")),
        (None, None) => lost("no_answer", "the model's process ended".to_owned()),
    }
}

fn name(signal: i32) -> String {
    let known = match signal {
        libc::SIGSEGV => "SIGSEGV (segmentation fault)",
        libc::SIGBUS => "SIGBUS (bad memory access)",
        libc::SIGABRT => "SIGABRT (abort)",
        libc::SIGILL => "SIGILL (illegal instruction)",
        libc::SIGFPE => "SIGFPE (arithmetic error)",
        libc::SIGTERM => "SIGTERM",
        libc::SIGINT => "SIGINT",
        libc::SIGHUP => "SIGHUP",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGSYS => "SIGSYS (forbidden system call)",
        _ => return format!("signal {signal}"),
    };
    known.to_owned()
}

/// The words of a panic that aborted, out of what was printed.
fn panic_message(printed: &str) -> Option<&str> {
    let start = printed.rfind("panicked at ")?;
    printed[start..].split("\nnote: ").next().map(str::trim_end)
}

fn read_oom_kills() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = |controller: &str| {
        groups.lines().find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            controllers.split(',').any(|name| name == controller).then(|| path.to_owned())
        })
    };
    // With a namespace of its own, a container sees its group as the root.
    let unified = path("").into_iter().map(|path| format!("/sys/fs/cgroup{path}/memory.events"));
    let memory =
        path("memory").into_iter().map(|path| format!("/sys/fs/cgroup/memory{path}/memory.oom_control"));
    let roots = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];
    let files = unified.chain(memory).chain(roots.map(str::to_owned));
    files.filter_map(|file| fs::read_to_string(file).ok()).find_map(|text| count(&text))
}

fn count(events: &str) -> Option<u64> {
    events.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(raw: i32, last_words: &str) -> String {
        loss(Some(ExitStatus::from_raw(raw)), OomCount(None), last_words).cause
    }

    #[test]
    fn a_signal_is_named() {
        assert_eq!(said(libc::SIGSEGV, ""), "the model's process crashed with SIGSEGV (segmentation fault)");
    }

    #[test]
    fn an_exit_code_is_given() {
        assert_eq!(said(7 << 8, ""), "the model's process exited with code 7");
    }

    #[test]
    fn the_words_of_an_aborting_panic_are_quoted() {
        let printed = "x\nthread 'main' panicked at src/main.rs:3:5:\nno luck\nnote: run with…\n";
        let expected =
            "the model's process crashed with SIGABRT (abort): panicked at src/main.rs:3:5:\nno luck";
        assert_eq!(said(libc::SIGABRT, printed), expected);
    }

    #[test]
    fn the_kernels_counter_is_read_in_both_forms() {
        assert_eq!(count("low 0\noom 3\noom_kill 2\noom_group_kill 0\n"), Some(2));
        assert_eq!(count("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"), Some(5));
        assert_eq!(count(""), None);
    }
}

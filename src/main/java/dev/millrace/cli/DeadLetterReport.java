package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.deadletters.Action;
import dev.millrace.deadletters.DeadLetterQueue;
import dev.millrace.deadletters.Pass;
import dev.millrace.deadletters.Survey;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;

/** What {@code dead-letters} prints, for a person or as JSON. */
final class DeadLetterReport {
    private static final int MAX_GROUPS = 30;

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final DeadLetterQueue queue;

    /**
     * @param json whether lines of JSON are all that goes to {@code out}
     */
    DeadLetterReport(PrintWriter out, PrintWriter err, boolean json, DeadLetterQueue queue) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.queue = queue;
    }

    /** A message was sent back or dropped. */
    void written(ObjectNode line) {
        if (json) {
            out.println(line);
        }
    }

    /** The summary, then lines. */
    void list(Survey survey, int seen) {
        String fitting =
                survey.fitting() == seen
                        ? Count.of(seen, "message")
                        : survey.fitting() + " of " + Count.of(seen, "message") + " fit";
        say("'%s': %s".formatted(queue.url(), seen == 0 ? "there are no messages" : fitting));
        List<Map.Entry<Survey.Group, Integer>> groups = survey.groups();
        groups.stream()
                .limit(MAX_GROUPS)
                .forEach(
                        one ->
                                say(
                                        String.format(
                                                Locale.ROOT,
                                                "%,9d  %-18s  %s",
                                                one.getValue(),
                                                one.getKey().kind(),
                                                one.getKey().host().isEmpty()
                                                        ? "-"
                                                        : one.getKey().host())));
        if (groups.size() > MAX_GROUPS) {
            int rest = groups.stream().skip(MAX_GROUPS).mapToInt(Map.Entry::getValue).sum();
            say(
                    String.format(
                            Locale.ROOT,
                            "%,9d  of %d other kinds and hosts",
                            rest,
                            groups.size() - MAX_GROUPS));
        }
        if (json) {
            survey.lines().forEach(line -> out.println(line.json()));
        } else if (!survey.lines().isEmpty()) {
            say("");
            survey.lines().forEach(line -> say(line.text()));
        }
        int more = survey.fitting() - survey.lines().size();
        if (more > 0) {
            say("and %d more; --limit N shows more of them".formatted(more));
        }
    }

    /** Without {@code --yes}. */
    void wouldDo(Survey survey, DeadLetterAction action) {
        say(
                "%s would be %s%s"
                        .formatted(
                                Count.of(survey.fitting(), "message"),
                                action.done,
                                byKind(survey.kinds())));
        say("nothing was %s; --yes does it".formatted(action.done));
    }

    /** With {@code --yes}. */
    void done(Action done, DeadLetterAction action) {
        say(
                "%s %s%s"
                        .formatted(
                                Count.of(done.done(), "message"),
                                action.done,
                                byKind(done.kinds())));
        if (done.refused() > 0) {
            complain(
                    "%s not taken by the queue, and still in the dead letter queue; try again"
                            .formatted(were(done.refused())));
        }
        if (done.kept() > 0) {
            complain(
                    "%s not deleted%s"
                            .formatted(
                                    were(done.kept()),
                                    action == DeadLetterAction.REDRIVE
                                            ? " though sent back; sent back again, they are worked"
                                                    + " on twice"
                                            : "; try again"));
        }
    }

    private static String were(int messages) {
        return Count.of(messages, "message") + (messages == 1 ? " was" : " were");
    }

    private static String byKind(Map<String, Integer> kinds) {
        return kinds.isEmpty()
                ? ""
                : kinds.entrySet().stream()
                        .map(one -> one.getKey() + " " + one.getValue())
                        .collect(Collectors.joining(", ", ": ", ""));
    }

    /** Says what the queue has that was not seen, before what was seen is visible again. */
    void unseen(Pass pass) {
        if (pass.isCutShort()) {
            return;
        }
        try {
            DeadLetterQueue.Counts counts = queue.counts();
            // Together, since one of them follows the other with a delay.
            long others = counts.visible() + counts.hidden() - pass.hidden();
            if (others > 0) {
                complain(
                        "the queue counts about %s that it did not give out: hidden by a command that runs or was killed (until its --hold has passed), new, or beyond the 120,000 that it hides at most; run this again"
                                .formatted(Count.of(others, "message")));
            }
        } catch (SdkException e) {
            // It is a remark; what the queue was asked for has worked.
        }
    }

    /** Some could not be made visible. */
    void hidden(int messages) {
        if (messages > 0) {
            complain(
                    "%s not made visible again; that happens by itself when --hold has passed"
                            .formatted(were(messages)));
        }
    }

    void interrupted(int done, int hidden) {
        complain(
                "interrupted after %s; the others are visible again"
                        .formatted(Count.of(done, "message")));
        hidden(hidden);
    }

    void failed(String why) {
        complain(why);
    }

    /** Not among lines of JSON. */
    private void say(String line) {
        (json ? err : out).println(line);
    }

    private void complain(String line) {
        err.println("millrace: " + line);
    }
}

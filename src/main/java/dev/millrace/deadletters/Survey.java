package dev.millrace.deadletters;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts the dead letters that fit a rule, by kind and host, and keeps some. Thread-safe. */
public final class Survey implements Pass.Taker {
    private final Rule rule;
    private final int most;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private final Map<Group, Integer> groups =
            new TreeMap<>(Comparator.comparing(Group::kind).thenComparing(Group::host));
    private final List<Line> lines = new ArrayList<>();
    private int fitting;

    /** Messages of one kind that are about one host. */
    public record Group(String kind, String host) {}

    /** What is said of a message; without its body, of which there may be very many. */
    public record Line(LastWord word, Instant sentAt) {
        /** For a person. */
        public String text() {
            return "%s  %s  %s  %s  %s  %s"
                    .formatted(
                            word.isSaid() ? word.time() : "-",
                            word.messageId(),
                            word.kind(),
                            word.host().isEmpty() ? "-" : word.host(),
                            word.receives() + (word.receives() == 1 ? " receive" : " receives"),
                            word.message());
        }

        /** For a program. */
        public ObjectNode json() {
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            line.put("message_id", word.messageId());
            word.fill(line);
            line.put("said", word.isSaid());
            if (word.isSaid()) {
                line.put("time", word.time().toString());
            }
            if (sentAt.isAfter(Instant.EPOCH)) {
                line.put("sent", sentAt.toString());
            }
            return line;
        }
    }

    /**
     * @param most lines that are kept
     */
    public Survey(Rule rule, int most) {
        this.rule = rule;
        this.most = most;
    }

    @Override
    public synchronized void take(List<DeadLetter> page, Pass pass) {
        for (DeadLetter letter : page) {
            if (rule.fits(letter)) {
                fitting++;
                kinds.merge(letter.word().kind(), 1, Integer::sum);
                groups.merge(
                        new Group(letter.word().kind(), letter.word().host()), 1, Integer::sum);
                if (lines.size() < most) {
                    lines.add(new Line(letter.word(), letter.sentAt()));
                }
            }
        }
    }

    /** How many fit. */
    public synchronized int fitting() {
        return fitting;
    }

    /** How many there are of each kind. */
    public synchronized Map<String, Integer> kinds() {
        return new TreeMap<>(kinds);
    }

    /** How many there are of each kind and host, most first. */
    public synchronized List<Map.Entry<Group, Integer>> groups() {
        return groups.entrySet().stream()
                .sorted(Map.Entry.<Group, Integer>comparingByValue().reversed())
                .toList();
    }

    /** The first that were seen. */
    public synchronized List<Line> lines() {
        return List.copyOf(lines);
    }
}

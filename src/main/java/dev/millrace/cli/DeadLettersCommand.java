package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.deadletters.Action;
import dev.millrace.deadletters.DeadLetterQueue;
import dev.millrace.deadletters.Drop;
import dev.millrace.deadletters.Pass;
import dev.millrace.deadletters.Reasons;
import dev.millrace.deadletters.Redrive;
import dev.millrace.deadletters.Rule;
import dev.millrace.deadletters.Survey;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import dev.millrace.worker.UrlPolicies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Shows why messages are dead, and sends them back or drops them. */
@Command(
        name = "dead-letters",
        description = {
            "List the messages of the dead letter queue with the reason of each, send them back to"
                    + " the queue (--redrive) or delete them (--drop).",
            "To look at a message hides it from others until the command ends; after a kill -9 it"
                    + " is visible again when --hold has passed."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:what the queue gave out was listed, or all of it that fits was sent back or dropped",
            "1:a call of the queue failed, or some messages were refused; the last line says which",
            "2:a mistake in the options or the configuration, or a queue that cannot be used",
            "4:nothing was sent back or dropped, since --yes was not given",
            "130:ended by Ctrl-C; what was hidden is visible again"
        })
final class DeadLettersCommand implements Callable<Integer> {
    private static final int UNCONFIRMED = 4;
    private static final int LINES = 100;
    private static final int MAX_RATE = 10_000;

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description =
                    "Configuration of the worker, which says the queue, the tasks and the hosts"
                            + " that are allowed. Required.")
    private Path config;

    @Option(
            names = "--dead-letter-queue",
            paramLabel = "URL",
            description =
                    "URL of the dead letter queue (default: the one that the queue's redrive"
                            + " policy names).")
    private Optional<String> deadLetterQueue = Optional.empty();

    @Option(
            names = "--said",
            paramLabel = "FILE",
            description =
                    "Logs of workers, which say why each gave a message back; may be given again"
                            + " for another one, and '-' is standard input (default: what a worker left in"
                            + " state.directory, or where supervise keeps it).")
    private List<String> said = List.of();

    @Mixin private DeadLetterRule rules;

    @Option(
            names = "--redrive",
            description = "Send messages back to the queue, unchanged, and delete them here.")
    private boolean redrive;

    @Option(
            names = "--drop",
            description = "Delete messages for good; needs --kind, --host or --older-than.")
    private boolean drop;

    @Option(
            names = "--yes",
            description = "Do it; without this --redrive and --drop say what they would do.")
    private boolean yes;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "Messages in a second that --redrive sends at most (default:"
                            + " ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description =
                    "Messages that are shown, sent back or dropped at most (default: "
                            + LINES
                            + " are shown; all are sent back or dropped).")
    private Optional<Integer> limit = Optional.empty();

    @Option(
            names = "--hold",
            paramLabel = "TIME",
            defaultValue = "10m",
            description =
                    "Time for which a message stays hidden after a kill -9, from 10s to 1h (default:"
                            + " ${DEFAULT-VALUE}).")
    private String hold;

    @Option(
            names = "--json",
            description =
                    "Print a line of JSON for each message and nothing else; counts go to standard"
                            + " error.")
    private boolean json;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws Exception {
        Rule rule = rules.rule();
        Duration held = DeadLetterRule.time("--hold", hold);
        require(rule, held);
        WorkerConfig settings = ConfigReader.read(config, System.getenv());
        QueueSettings source = settings.queue();
        requireStandard(source);
        Reasons reasons =
                new Reasons(
                        SaidFiles.read(said, config),
                        UrlPolicies.images(settings),
                        UrlPolicies.contents(settings),
                        settings.models().stream()
                                .map(WorkerConfig.Model::task)
                                .collect(Collectors.toSet()));
        try (SqsClient client = SqsClients.create(source)) {
            DeadLetterCalls calls = new DeadLetterCalls(client, source, deadLetterQueue);
            DeadLetterQueue queue = calls.find(action());
            DeadLetterReport report =
                    new DeadLetterReport(
                            commandSpec.commandLine().getOut(),
                            commandSpec.commandLine().getErr(),
                            json,
                            queue);
            try (Pass pass = new Pass(queue, reasons, held)) {
                return run(pass, rule, report, calls);
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException("queue: " + e.getMessage());
        }
    }

    private int run(Pass pass, Rule rule, DeadLetterReport report, DeadLetterCalls calls)
            throws InterruptedException {
        boolean acts = (redrive || drop) && yes;
        Survey survey = new Survey(rule, limit.orElse(LINES));
        Action action = action(rule, report);
        int hidden;
        try (Interruption interruption = new Interruption(pass::stop)) {
            pass.run(acts ? action : survey);
            report.unseen(pass);
            hidden = pass.release();
            if (interruption.happened()) {
                report.interrupted(acts ? action.done() : 0, hidden);
                return Interruption.EXIT_CODE;
            }
        }
        Optional<String> failure = pass.failure().map(calls::said);
        if (acts) {
            report.done(action, action());
        } else if (redrive || drop) {
            report.wouldDo(survey, action());
        } else {
            report.list(survey, pass.seen());
        }
        report.hidden(hidden);
        failure.ifPresent(report::failed);
        boolean good =
                failure.isEmpty() && hidden == 0 && action.refused() == 0 && action.kept() == 0;
        return !good ? Millrace.FAILED : (redrive || drop) && !yes ? UNCONFIRMED : 0;
    }

    private DeadLetterAction action() {
        return redrive
                ? DeadLetterAction.REDRIVE
                : drop ? DeadLetterAction.DROP : DeadLetterAction.LIST;
    }

    private Action action(Rule rule, DeadLetterReport report) {
        int most = limit.orElse(Integer.MAX_VALUE);
        return drop
                ? new Drop(rule, most, report::written)
                : new Redrive(rule, most, rate, report::written);
    }

    private void require(Rule rule, Duration held) {
        if (redrive && drop) {
            throw new ConfigException("--redrive and --drop: give one of them");
        }
        if (drop && rule.isEmpty()) {
            throw new ConfigException(
                    "--drop: would delete every message; say which with --kind, --host or"
                            + " --older-than (--older-than 0s means all)");
        }
        if (yes && !redrive && !drop) {
            throw new ConfigException("--yes: a list asks for none; add --redrive or --drop");
        }
        if (rate < 1 || rate > MAX_RATE) {
            throw new ConfigException(
                    "--rate: '%d' must be from 1 to %d".formatted(rate, MAX_RATE));
        }
        if (limit.isPresent() && limit.get() < 1) {
            throw new ConfigException("--limit: '%d' must be 1 or more".formatted(limit.get()));
        }
        if (held.compareTo(Duration.ofSeconds(10)) < 0 || held.compareTo(Duration.ofHours(1)) > 0) {
            throw new ConfigException("--hold: '" + hold + "' must be from 10s to 1h");
        }
    }

    private void requireStandard(QueueSettings source) {
        if (redrive && source.isFifo()) {
            throw new ConfigException(
                    "--redrive: '"
                            + source.url()
                            + "' is a FIFO queue, whose order would be lost; use `aws sqs"
                            + " start-message-move-task`");
        }
    }
}

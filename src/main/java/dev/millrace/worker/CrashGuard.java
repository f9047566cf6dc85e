package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Counters;
import dev.millrace.job.NativeGuard;
import dev.millrace.observe.FaultReason;
import dev.millrace.quarantine.Caution;
import dev.millrace.quarantine.CrashJournal;
import dev.millrace.quarantine.LastEnd;
import dev.millrace.quarantine.PoisonImages;
import dev.millrace.quarantine.Quarantine;
import dev.millrace.quarantine.StateDirectory;
import dev.millrace.quarantine.Suspects;
import dev.millrace.quarantine.trial.TrialCommand;
import dev.millrace.resource.Build;
import dev.millrace.resource.Resources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker knows of the crashes before it, and keeps for the worker after it: the journal, the
 * suspects and the quarantine. Owns them and the folder they are in, where there is one.
 */
final class CrashGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CrashGuard.class);

    private final Resources resources = new Resources();
    private final Optional<StateDirectory> state;
    private final Optional<CrashJournal> journal;
    private final Suspects suspects;
    private final Caution caution;
    private final Quarantine quarantine;
    private final Optional<String> previousFault;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** Throws {@link ConfigException} with one line where the folder cannot be used. */
    CrashGuard(WorkerConfig config, Counters counters) {
        try {
            Optional<Path> folder = config.state().directory();
            if (folder.isPresent()) {
                state = Optional.of(resources.own(StateDirectory.open(folder.get(), "worker")));
                journal = Optional.of(resources.own(state.get().journal()));
                suspects = new Suspects(Optional.of(state.get().suspects()));
                suspects.accuse(journal.get().left());
                journal.get().clear();
                previousFault = state.get().takeFault();
                report(journal.get().left());
                caution =
                        resources.own(
                                Caution.after(
                                        state.get().caution(),
                                        end(state.get()),
                                        config.queue().visibility()));
            } else {
                state = Optional.empty();
                journal = Optional.empty();
                suspects = new Suspects(Optional.empty());
                caution = Caution.none();
                previousFault = Optional.empty();
            }
            PoisonImages poison =
                    new PoisonImages(state.map(StateDirectory::poison), Build.THIS.toString());
            quarantine = resources.own(quarantine(config, suspects, poison, caution, counters));
            if (suspects.size() > 0 || caution.isCareful()) {
                quarantine.prepare();
            }
        } catch (IOException e) {
            resources.closeAfter(e);
            throw new ConfigException("state.directory: " + e.getMessage());
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private static Quarantine quarantine(
            WorkerConfig config,
            Suspects suspects,
            PoisonImages poison,
            Caution caution,
            Counters counters) {
        return new Quarantine(
                suspects,
                poison,
                rules(config),
                caution::isCareful,
                new TrialCommand(config, config.state().directory().orElse(config.cache())),
                counters);
    }

    private static Quarantine.Rules rules(WorkerConfig config) {
        return new Quarantine.Rules(
                config.quarantine().receives(),
                config.quarantine().limit(),
                Math.clamp(config.preprocess().threads() / 2, 2, 8),
                config.state().directory().isPresent());
    }

    /** The configuration as it fits the queue, which is asked once the suspects are known. */
    void adapt(WorkerConfig fitting) {
        quarantine.rules(rules(fitting));
    }

    /** What native code had at the end of a process it did not give back. */
    private LastEnd end(StateDirectory directory) throws IOException {
        LastEnd end = directory.takeEnd();
        boolean hadImages = !journal.orElseThrow().left().isEmpty();
        return end == LastEnd.WELL && hadImages ? LastEnd.CRASHED : end;
    }

    private static void report(Set<String> left) {
        if (!left.isEmpty()) {
            LOG.warn(
                    "the worker before this one ended while native code had images of these"
                            + " messages: {}; they are tried in a process of their own",
                    String.join(", ", left));
        }
    }

    /** For one thread that calls native code. */
    NativeGuard guard() {
        return journal.map(CrashJournal::guard).orElse(NativeGuard.NONE);
    }

    Quarantine quarantine() {
        return quarantine;
    }

    Suspects suspects() {
        return suspects;
    }

    Caution caution() {
        return caution;
    }

    /** Why the worker before this one could not go on, where it said so. */
    Optional<String> previousFault() {
        return previousFault;
    }

    /** Tells the next worker why this one cannot go on: it may be gone before anybody asks it. */
    void faulted(FaultReason reason) {
        note(directory -> directory.markFault(reason.wireName()));
    }

    /** The worker polls: who supervises it may know that its configuration works. */
    void ready() {
        caution.begin();
        caution.sentence().ifPresent(LOG::warn);
        note(StateDirectory::markReady);
    }

    /** The worker has given back all that it had, so that its end costs nobody anything. */
    void endedWell() {
        // Once: afterwards the folder may be another worker's.
        if (!ended.getAndSet(true)) {
            note(StateDirectory::takeReady);
        }
    }

    private interface Note {
        void in(StateDirectory directory) throws IOException;
    }

    private void note(Note note) {
        try {
            if (state.isPresent()) {
                note.in(state.get());
            }
        } catch (IOException e) {
            LOG.warn("state.directory cannot be written ({})", e.toString());
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}

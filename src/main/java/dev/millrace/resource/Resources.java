package dev.millrace.resource;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one object has opened, closed in reverse order, also when opening the next thing fails. A
 * constructor owns each thing as it opens it, and ends with
 *
 * <pre>{@code
 * } catch (Throwable e) {
 *     resources.closeAfter(e);
 *     throw e;
 * }
 * }</pre>
 *
 * <p>Used by one thread at a time.
 */
public final class Resources implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resources.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Takes a resource, which is closed before those that were taken earlier. */
    public <T extends AutoCloseable> T own(T resource) {
        opened.push(resource);
        return resource;
    }

    /**
     * Closes everything; one that fails does not keep the others open. Throws {@link
     * StillInUseException} where something still runs, and then leaves open what was opened before
     * that.
     */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            AutoCloseable resource = opened.pop();
            try {
                resource.close();
            } catch (StillInUseException e) {
                opened.clear();
                throw e;
            } catch (Throwable e) {
                LOG.warn("{} did not close: {}", resource.getClass().getSimpleName(), e.toString());
            }
        }
    }

    /**
     * Closes everything because opening the next thing failed.
     *
     * @param why the failure, which the caller throws on; it carries what could not be closed
     */
    public void closeAfter(Throwable why) {
        try {
            close();
        } catch (StillInUseException e) {
            why.addSuppressed(e);
            LOG.warn("not freed, since it is still used: {}", e.getMessage());
        }
    }
}

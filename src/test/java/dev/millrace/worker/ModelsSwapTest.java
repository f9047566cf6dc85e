package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Message;
import dev.millrace.testing.Loopback;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two models, of which one is replaced while jobs, loads and the end of the worker cross it. */
class ModelsSwapTest {
    private static final int SWAPS = 4;

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private final List<FutureTask<?>> tasks = new ArrayList<>();
    private ModelScene scene;
    private Models models;
    private List<String> two;

    @TempDir private Path home;

    @BeforeEach
    void loads() throws Exception {
        scene = new ModelScene(home, "a", "b");
        models = scene.models(scene.load());
        two = scene.device.open();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        mayGoOn.countDown();
        for (FutureTask<?> task : tasks) {
            waitFor(task);
        }
        models.close();
        assertFalse(models.isStillInUse());
        assertEquals(List.of(), scene.device.open());
        assertTrue(scene.duties.running().isEmpty(), () -> scene.duties.running().toString());
        assertEquals(List.of(), List.copyOf(scene.faults));
    }

    private static void waitFor(FutureTask<?> task) throws Exception {
        try {
            task.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            // The test has looked at it.
        }
    }

    private <T> FutureTask<T> begin(String name, Callable<T> what) {
        FutureTask<T> task = new FutureTask<>(what);
        tasks.add(task);
        Thread.ofPlatform().name(name).start(task);
        return task;
    }

    private void hold() {
        held.countDown();
        try {
            mayGoOn.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The model of task a has a job that does not end before {@link #mayGoOn}. */
    private void aHasAJob() throws InterruptedException {
        scene.beforeImage =
                () -> {
                    if (held.getCount() > 0) {
                        hold();
                    }
                };
        scene.publish(models, "a");
        assertTrue(held.await(10, TimeUnit.SECONDS));
    }

    private FutureTask<Boolean> aIsReplacedAndWaits() throws Exception {
        aHasAJob();
        scene.write("a", 2);
        FutureTask<Boolean> swap = begin("swap", () -> models.replace(scene.load("a")));
        Loopback.awaitUntil(() -> ModelScene.version(models, "a") == 2, 10, () -> "not swapped");
        return swap;
    }

    @Test
    void whileOneModelRetiresItsSuccessorAndTheOtherAnswer() throws Exception {
        FutureTask<Boolean> swap = aIsReplacedAndWaits();
        scene.answers(models, "b", 1);
        scene.answers(models, "a", 2);
        assertFalse(swap.isDone(), "the old model has a job");
        assertTrue(scene.device.open().size() > two.size());
        mayGoOn.countDown();
        assertTrue(swap.get(10, TimeUnit.SECONDS));
        assertEquals(1, scene.completed.size(), "the old model's own");
        assertEquals(two, scene.device.open());
    }

    @Test
    void aDrainWaitsForTheModelThatRetiresAsWell() throws Exception {
        FutureTask<Boolean> swap = aIsReplacedAndWaits();
        models.drain();
        assertFalse(models.awaitEmpty(Duration.ofMillis(50)));
        mayGoOn.countDown();
        assertTrue(models.awaitEmpty(Duration.ofSeconds(10)));
        assertTrue(swap.get(10, TimeUnit.SECONDS));
    }

    @Test
    void aCloseFreesTheModelWhoseRetirementWasInterrupted() throws Exception {
        aHasAJob();
        scene.write("a", 2);
        LoadedModel next = scene.load("a");
        AtomicBoolean swapped = new AtomicBoolean();
        FutureTask<Boolean> swap = new FutureTask<>(() -> swapped.getAndSet(models.replace(next)));
        Thread thread = Thread.ofPlatform().name("swap").start(swap);
        Loopback.awaitUntil(() -> ModelScene.version(models, "a") == 2, 10, () -> "not swapped");
        thread.interrupt();
        assertThrows(ExecutionException.class, () -> swap.get(10, TimeUnit.SECONDS));
        assertFalse(swapped.get());
        scene.answers(models, "a", 2);
        assertFalse(models.awaitEmpty(Duration.ofMillis(50)), "the old model has a job");
        mayGoOn.countDown();
        assertTrue(models.awaitEmpty(Duration.ofSeconds(10)));
    }

    @Test
    void noJobIsLostOrDoneTwiceAtAnEntranceThatChanges() throws Exception {
        Set<Message> answered = ConcurrentHashMap.newKeySet();
        List<Message> twice = new ArrayList<>();
        scene.delivered =
                message -> {
                    if (!answered.add(message)) {
                        twice.add(message);
                    }
                };
        AtomicBoolean stop = new AtomicBoolean();
        List<FutureTask<List<Message>>> senders = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            senders.add(
                    begin(
                            "sender-" + i,
                            () -> {
                                List<Message> sent = new ArrayList<>();
                                while (!stop.get()) {
                                    sent.add(scene.publish(models, "a"));
                                }
                                return sent;
                            }));
        }
        for (int version = 2; version < 2 + SWAPS; version++) {
            scene.write("a", version);
            assertTrue(models.replace(scene.load("a")));
        }
        stop.set(true);
        List<Message> sent = new ArrayList<>();
        for (FutureTask<List<Message>> sender : senders) {
            sent.addAll(sender.get(10, TimeUnit.SECONDS));
        }
        assertTrue(models.awaitEmpty(Duration.ofSeconds(10)));
        System.out.println(sent.size() + " jobs across " + SWAPS + " swaps");
        assertTrue(sent.size() > 10 * SWAPS);
        assertEquals(Set.copyOf(sent), answered);
        assertEquals(List.of(), twice);
        scene.delivered = scene.completed::add;
        scene.answers(models, "a", 1 + SWAPS);
        assertEquals(two, scene.device.open());
    }

    @Test
    void aLoadThatEndsAfterTheCloseLeavesNothing() throws Exception {
        scene.amidLoad = this::hold;
        FutureTask<Boolean> swap = begin("swap", () -> models.replace(scene.load("a")));
        assertTrue(held.await(10, TimeUnit.SECONDS));
        models.close();
        assertFalse(scene.device.open().isEmpty(), "the load goes on");
        mayGoOn.countDown();
        assertFalse(swap.get(10, TimeUnit.SECONDS), "it is not taken");
        assertEquals(List.of(), scene.device.open());
    }

    @Test
    void oneThatIsClosedTwiceAndReplacedAfterwardsLeavesNothing() throws Exception {
        models.close();
        models.close();
        assertFalse(models.replace(scene.load("a")));
        assertTrue(models.awaitEmpty(Duration.ZERO));
    }

    /** What {@link #nothingIsLeft} looks at is there while the models run. */
    @Test
    void negativeControlModelsThatAreNotClosedAreSeen() {
        assertTrue(
                two.contains("Model") && two.contains("Block") && two.contains("Run"),
                two::toString);
        List<String> threads =
                scene.duties.running().stream().map(thread -> thread.name()).sorted().toList();
        assertTrue(
                threads.containsAll(List.of("infer-a", "infer-b", "deliver-a")), threads::toString);
    }
}

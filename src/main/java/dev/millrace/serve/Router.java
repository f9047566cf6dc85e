package dev.millrace.serve;

import dev.millrace.job.BugLog;
import dev.millrace.job.Failure;
import dev.millrace.resource.Build;
import dev.millrace.serve.oip.Metadata;
import dev.millrace.serve.page.Page;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.Callback;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Says what is at each path. Thread-safe; each request has a thread of its own. */
final class Router extends Handler.Abstract {
    private static final Pattern MODEL =
            Pattern.compile("/v2/models/([^/]+)(?:/versions/([^/]+))?(/ready|/infer)?");
    private static final String MODELS = "/v2/models";
    private static final String KIND = "Millrace-Error-Kind";
    private static final String SERVER = "millrace";

    private final ServeSettings settings;
    private final BrowserGuard guard;
    private final Supplier<List<ServedModel>> models;
    private final BooleanSupplier live;
    private final BooleanSupplier ready;
    private final Callers callers;
    private final Inference inference;
    private final CallCounts counts;
    private final BugLog bugs = new BugLog(LoggerFactory.getLogger(Router.class), Level.ERROR);

    Router(
            ServeSettings settings,
            Supplier<List<ServedModel>> models,
            BooleanSupplier live,
            BooleanSupplier ready,
            Callers callers,
            Inference inference,
            CallCounts counts) {
        this.settings = settings;
        this.guard =
                new BrowserGuard(
                        "serve.allowedHosts",
                        settings.bind(),
                        settings.allowedHosts(),
                        settings.tls().isPresent());
        this.models = models;
        this.live = live;
        this.ready = ready;
        this.callers = callers;
        this.inference = inference;
        this.counts = counts;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Call call = new Call(request);
        CallerEndPoint connection = call.connection();
        connection.begun(settings.token().isPresent() && hasToken(call));
        callers.began();
        Callback ended =
                Callback.from(
                        callback,
                        () -> {
                            connection.answered();
                            callers.ended();
                        });
        try {
            Reply reply = reply(call);
            if (reply.status() < 400) {
                write(connection, response, reply, ended);
            } else {
                try (Blocker.Callback sent = Blocker.callback()) {
                    write(connection, response, reply, sent);
                    sent.block();
                }
                call.skipRest(reply.status() == 401, settings.maxBody());
                ended.succeeded();
            }
        } catch (IOException | InterruptedException e) {
            // Nobody is there to be answered, and that is no news for a log.
            counts.broken();
            ended.failed(e instanceof EofException ? e : new EofException(e));
        } catch (RuntimeException | Error e) {
            bugs.say("a caller's request", call.path(), e);
            counts.broken();
            ended.failed(e);
        }
        return true;
    }

    private Reply reply(Call call) throws IOException, InterruptedException {
        Reply reply;
        try {
            reply = found(call);
        } catch (Refusal e) {
            reply = refused(e);
        }
        counts.answered(reply.status(), System.nanoTime() - call.startNs());
        return callers.isDraining() || call.isStalled() ? reply.closing() : reply;
    }

    private static Reply refused(Refusal why) {
        Map<String, String> headers = new HashMap<>();
        headers.put(KIND, why.kind());
        why.retryAfter().ifPresent(seconds -> headers.put("Retry-After", "" + seconds));
        if (why.status() == 401) {
            headers.put("WWW-Authenticate", "Bearer");
        }
        return new Reply(
                why.status(),
                Reply.JSON,
                Metadata.error(why.getMessage()),
                headers,
                why.status() == 401);
    }

    private Reply found(Call call) throws Refusal, IOException, InterruptedException {
        String path = call.path();
        Optional<String> foreign = guard.refusal(call.method(), path, call::header);
        if (foreign.isPresent()) {
            throw Refusal.foreign(foreign.get());
        }
        Matcher model = MODEL.matcher(path);
        if (model.matches()) {
            requireToken(call);
            requireReady();
            ServedModel served = served(model.group(1), Optional.ofNullable(model.group(2)));
            String what = model.group(3);
            if ("/infer".equals(what)) {
                requireMethod(call, "POST");
                return inference.answer(call, served);
            }
            requireMethod(call, "GET");
            return what == null ? Reply.json(200, described(served)) : modelReady(served);
        }
        return switch (path) {
            case "/v2", "/v2/" -> got(call, Metadata.server(SERVER, Build.THIS.version()));
            case "/v2/health/live" -> health(call, isLive(), Metadata.live(isLive()));
            case "/v2/health/ready" -> health(call, isReady(), Metadata.ready(isReady()));
            case MODELS, MODELS + "/" -> {
                requireToken(call);
                requireReady();
                yield got(call, Index.of(models.get()));
            }
            default -> page(call);
        };
    }

    private boolean isLive() {
        return live.getAsBoolean();
    }

    private boolean isReady() {
        return ready.getAsBoolean() && !callers.isDraining();
    }

    private static Reply got(Call call, byte[] json) throws Refusal {
        requireMethod(call, "GET");
        return Reply.json(200, json);
    }

    private static Reply health(Call call, boolean good, byte[] json) throws Refusal {
        requireMethod(call, "GET");
        return Reply.json(good ? 200 : 503, json);
    }

    private Reply modelReady(ServedModel model) {
        return Reply.json(isReady() ? 200 : 503, Metadata.modelReady(model.task(), isReady()));
    }

    private static byte[] described(ServedModel model) {
        return Metadata.model(model.task(), model.version(), model.labels());
    }

    private static void requireMethod(Call call, String method) throws Refusal {
        boolean fits =
                call.method().equals(method)
                        || method.equals("GET") && call.method().equals("HEAD");
        if (!fits) {
            throw Refusal.method(method);
        }
    }

    /** Before that there is no model, and after a fault none that may ever answer. */
    private void requireReady() throws Refusal {
        if (!callers.isDraining() && !ready.getAsBoolean()) {
            throw Refusal.notReady();
        }
    }

    private void requireToken(Call call) throws Refusal {
        if (!hasToken(call)) {
            throw Refusal.unauthorized();
        }
    }

    /** Whether the head has the token, where one is wanted. */
    private boolean hasToken(Call call) {
        if (settings.token().isEmpty()) {
            return true;
        }
        String given = call.header("Authorization").orElse("");
        byte[] wanted = ("Bearer " + settings.token().get()).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(wanted, given.getBytes(StandardCharsets.UTF_8));
    }

    private ServedModel served(String task, Optional<String> version) throws Refusal {
        List<ServedModel> all = models.get();
        for (ServedModel model : all) {
            if (model.task().equals(task)) {
                if (version.isPresent() && !version.get().equals(model.version())) {
                    throw Refusal.of(
                            Failure.Kind.UNKNOWN_TASK,
                            "version %s of '%s' is served; ask for that, or for no version"
                                    .formatted(model.version(), task));
                }
                return model;
            }
        }
        throw Refusal.of(
                Failure.Kind.UNKNOWN_TASK,
                "no model of this worker serves this task; use one of "
                        + String.join(", ", all.stream().map(ServedModel::task).sorted().toList()));
    }

    private static Reply page(Call call) throws Refusal {
        Optional<Page.Asset> asset = Page.asset(call.path());
        if (asset.isEmpty()) {
            throw Refusal.notFound(call.path());
        }
        requireMethod(call, "GET");
        Map<String, String> headers = new HashMap<>();
        headers.put("ETag", asset.get().etag());
        headers.put("Cache-Control", "no-cache");
        headers.put("Content-Security-Policy", Page.CONTENT_SECURITY_POLICY);
        headers.put("X-Content-Type-Options", "nosniff");
        boolean known = call.header("If-None-Match").filter(asset.get().etag()::equals).isPresent();
        return new Reply(
                known ? 304 : 200,
                asset.get().contentType(),
                known ? new byte[0] : asset.get().body(),
                headers,
                false);
    }

    private void write(
            CallerEndPoint connection, Response response, Reply reply, Callback callback) {
        response.setStatus(reply.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, reply.contentType());
        if (reply.status() != 304) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, reply.body().length);
        }
        reply.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        if (reply.closes()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        connection.due(System.nanoTime() + writeNs(reply.body().length));
        response.write(true, ByteBuffer.wrap(reply.body()), callback);
    }

    /** How long a caller may take to read its answer, which keeps a connection from others. */
    private long writeNs(int bytes) {
        return CallerEndPoint.HEAD_NS + TimeUnit.SECONDS.toNanos(bytes) / settings.minimumRate();
    }
}

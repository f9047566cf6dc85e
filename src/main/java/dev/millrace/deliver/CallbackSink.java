package dev.millrace.deliver;

import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.net.GuardedHttp;
import java.io.IOException;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Posts results to callback hosts, marked and signed. Thread-safe. */
public final class CallbackSink implements ResultSink {
    private static final MediaType JSON = MediaType.get("application/json");

    private final GuardedHttp http;
    private final WebhookSigner signer;

    /**
     * @param http whose call timeout is that of one attempt
     */
    public CallbackSink(GuardedHttp http, WebhookSigner signer) {
        this.http = http;
        this.signer = signer;
    }

    @Override
    public void send(Message message, byte[] body) throws IOException {
        HttpUrl url = ((Destination.Callback) message.request().destination()).url();
        Request.Builder request = http.request(url).post(RequestBody.create(body, JSON));
        signer.headers(url.host(), message.delivery().messageId(), body)
                .forEach(header -> request.header(header.getFirst(), header.getSecond()));
        message.calls().current().ifPresent(trace -> trace.addTo(request::header));
        try (Response response = http.newCall(request.build()).execute()) {
            if (!response.isSuccessful()) {
                throw ResultRefusal.of(response);
            }
        }
    }
}

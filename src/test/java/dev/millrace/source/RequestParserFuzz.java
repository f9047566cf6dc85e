package dev.millrace.source;

import dev.millrace.job.Destination;
import dev.millrace.job.FailureException;
import dev.millrace.job.Request;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;

/**
 * Any message body: requests that can be answered, events that ask for nothing, or an exception
 * with one line.
 */
public final class RequestParserFuzz {
    private static final ContentsReader READER =
            new ContentsReader(
                    Destinations.callbacks(
                                    new UrlPolicy(
                                            new AddressRules(List.of()),
                                            Set.of(),
                                            Optional.empty()))
                            .otherwise(new Destination.Callback(HttpUrl.get("http://c.test/"))),
                    new RequestDefaults(List.of("safety"), Optional.empty()));

    private RequestParserFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            Contents contents = READER.read(new String(input, StandardCharsets.UTF_8), "message");
            if (contents.requests().isEmpty() && contents.dropped().isEmpty()) {
                throw new AssertionError("a message that is neither answered nor dropped");
            }
            for (Request request : contents.requests()) {
                if (!StandardCharsets.UTF_8.newEncoder().canEncode(request.toString())) {
                    throw new AssertionError("nobody can be answered with this: " + request);
                }
            }
        } catch (MalformedRequestException | FailureException e) {
            if (e.getMessage().isBlank() || e.getMessage().matches("(?s).*\\p{Cntrl}.*")) {
                throw new AssertionError("not one plain line: " + e.getMessage());
            }
        }
    }
}

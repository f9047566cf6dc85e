package dev.millrace.source;

import dev.millrace.job.FailureException;
import dev.millrace.job.Request;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Any message body: a request that can be answered, or an exception with one line. */
public final class RequestParserFuzz {
    private static final UrlPolicy CALLBACKS =
            new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());

    private RequestParserFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            Request request =
                    RequestParser.parse(
                            new String(input, StandardCharsets.UTF_8), "message", CALLBACKS);
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(request.toString())) {
                throw new AssertionError("nobody can be answered with this: " + request);
            }
        } catch (MalformedRequestException | FailureException e) {
            if (e.getMessage().isBlank() || e.getMessage().matches("(?s).*\\p{Cntrl}.*")) {
                throw new AssertionError("not one plain line: " + e.getMessage());
            }
        }
    }
}

package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * How a process of the bench is told what to do: a command per line on standard input, an answer
 * per line on standard output, marked, since the worker writes its message log there too. The end
 * of the input ends the process, so that none outlives the bench.
 */
public final class Dialogue {
    static final String MARK = "bench: ";

    private Dialogue() {}

    /** Does one command and gives the answer. */
    public interface Handler {
        ObjectNode handle(String command, String argument) throws Exception;
    }

    public static void answer(JsonNode answer) {
        synchronized (System.out) {
            System.out.println(MARK + answer);
            System.out.flush();
        }
    }

    /** Serves commands until the input ends. */
    public static void serve(Handler handler) throws Exception {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 2);
            answer(handler.handle(words[0], words.length > 1 ? words[1] : ""));
        }
    }
}

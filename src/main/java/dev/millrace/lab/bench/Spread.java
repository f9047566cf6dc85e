package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import java.util.List;
import java.util.Locale;

/** A figure of several rounds: the one in the middle, and those at the ends. */
record Spread(double median, double least, double most) {
    static Spread of(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median =
                sorted.size() % 2 == 1
                        ? sorted.get(middle)
                        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Spread(median, sorted.getFirst(), sorted.getLast());
    }

    /**
     * The median, and the ends in brackets where they differ.
     *
     * @param decimals of each
     */
    String text(int decimals) {
        String one = "%." + decimals + "f";
        String form = least == most ? one : one + " (" + one + "–" + one + ")";
        return String.format(Locale.ROOT, form, median, least, most);
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("median", LoadJson.rounded(median))
                .put("least", LoadJson.rounded(least))
                .put("most", LoadJson.rounded(most));
    }
}

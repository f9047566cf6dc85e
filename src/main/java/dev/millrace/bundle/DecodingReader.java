package dev.millrace.bundle;

import static dev.millrace.yaml.Scalars.choice;

import dev.millrace.bundle.Decoding.Activation;
import dev.millrace.bundle.Decoding.Background;
import dev.millrace.bundle.Decoding.Units;
import dev.millrace.yaml.Mistake;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.Suggestion;
import dev.millrace.yaml.YamlSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The keys {@code columns}, {@code units}, {@code activation}, {@code background}, {@code grid} and
 * {@code boxLabels}.
 */
final class DecodingReader {
    private static final List<String> DETECTOR_KEYS =
            List.of("columns", "units", "background", "grid", "boxLabels");
    private static final List<String> WORDS =
            Arrays.stream(Column.values()).map(Column::label).toList();

    private final YamlSection root;
    private final Set<String> roles;

    /** How many labels a box may have. */
    private enum BoxLabels {
        BEST,
        EVERY
    }

    /**
     * @param roles that have an output
     */
    DecodingReader(YamlSection root, Set<String> roles) {
        this.root = root;
        this.roles = roles;
    }

    /** Empty where no key is given and the roles are what the module reads. */
    Optional<Decoding> decoding(Optional<Kind> kind) {
        boolean detector = kind.filter(Kind.DETECTOR::equals).isPresent();
        boolean classifier = kind.filter(Kind.CLASSIFIER::equals).isPresent();
        for (String key : DETECTOR_KEYS) {
            refuse(key, !detector, "has an effect on the kind detector only; remove it");
        }
        refuse(
                "activation",
                !detector && !classifier,
                "has an effect on the kinds classifier and detector only; remove it");
        Activation activation = root.get("activation", choice(Activation.class), Activation.NONE);
        if (!detector) {
            return activation == Activation.NONE
                    ? Optional.empty()
                    : Optional.of(Decoding.of(activation));
        }
        boolean needed =
                !roles.equals(Set.of("boxes", "scores"))
                        || root.has("activation")
                        || DETECTOR_KEYS.stream().anyMatch(root::has);
        if (!needed) {
            return Optional.empty();
        }
        boolean scores = scores();
        for (String key : List.of("background", "activation", "boxLabels")) {
            refuse(
                    key,
                    !scores,
                    "has no effect where each box has one score and one class; remove it");
        }
        return Optional.of(
                new Decoding(
                        columns(),
                        root.get("units", choice(Units.class), Units.PIXELS),
                        activation,
                        root.get("background", choice(Background.class), Background.NONE),
                        grid(),
                        root.get("boxLabels", choice(BoxLabels.class), BoxLabels.EVERY)
                                == BoxLabels.BEST));
    }

    private void refuse(String key, boolean refused, String remedy) {
        if (refused && root.has(key)) {
            throw root.wrong(key, root.value(key), remedy);
        }
    }

    /** Whether each box has a score for each class. */
    private boolean scores() {
        return roles.contains("scores")
                || roles.contains("detections") && root.texts("columns").contains("scores");
    }

    private List<Column> columns() {
        boolean whole = roles.contains("detections");
        if (!root.has("columns")) {
            if (whole) {
                throw root.missing(
                        "columns",
                        "list what a row of detections holds, such as [cx, cy, w, h, scores]");
            }
            return Decoding.CORNERS;
        }
        List<Column> columns = new ArrayList<>();
        for (String word : root.texts("columns")) {
            if (!WORDS.contains(word)) {
                throw wrong(
                        "must be words of "
                                + String.join(", ", WORDS)
                                + Suggestion.hint(word, WORDS));
            }
            columns.add(Column.valueOf(word.toUpperCase(Locale.ROOT)));
        }
        require(columns, whole);
        return columns;
    }

    private void require(List<Column> columns, boolean whole) {
        List<Column> named = columns.stream().filter(column -> column != Column.SKIP).toList();
        if (new HashSet<>(named).size() < named.size()) {
            throw wrong("names a column twice; use skip for what is not read");
        }
        List<Column> coordinates = named.stream().filter(Column::isCoordinate).toList();
        boolean box =
                coordinates.size() == 4
                        && Column.ACROSS.stream().anyMatch(coordinates::containsAll)
                        && Column.DOWN.stream().anyMatch(coordinates::containsAll);
        if (!box) {
            throw wrong(
                    "must place a box by four of x1, y1, x2, y2, cx, cy, w, h, such as [cx, cy, w,"
                            + " h]");
        }
        boolean dense = named.contains(Column.SCORES);
        boolean sparse = named.contains(Column.SCORE) && named.contains(Column.CLASS);
        boolean half = named.contains(Column.SCORE) || named.contains(Column.CLASS);
        if (whole && (dense == sparse || dense && half)) {
            throw wrong("must have either scores, or score and class");
        }
        if (!whole && (dense || half || named.contains(Column.OBJECTNESS))) {
            throw wrong("describes the output for boxes, which has coordinates only");
        }
    }

    private List<Integer> grid() {
        List<Integer> strides = new ArrayList<>();
        for (String stride : root.texts("grid")) {
            try {
                strides.add(Scalars.integer(1, 1024).apply(stride));
            } catch (IllegalArgumentException e) {
                throw root.wrong("grid", root.value("grid"), e.getMessage());
            }
        }
        boolean centres = root.texts("columns").containsAll(List.of("cx", "cy", "w", "h"));
        if (!strides.isEmpty() && !centres) {
            throw root.wrong(
                    "grid",
                    root.value("grid"),
                    "needs columns with cx, cy, w and h, which are relative to its cells");
        }
        return strides;
    }

    private Mistake wrong(String remedy) {
        return root.wrong("columns", root.value("columns"), remedy);
    }
}

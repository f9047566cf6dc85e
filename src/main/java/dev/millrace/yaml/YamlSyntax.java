package dev.millrace.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Says why a file is no YAML: the line, what stands there and what to do. A pure function. */
final class YamlSyntax {
    private static final Pattern DUPLICATE = Pattern.compile("Duplicate field '(.*)'");
    private static final Pattern CHARACTER = Pattern.compile("found character '?(.)");

    private YamlSyntax() {}

    /** Such as {@code line 3: the key 'url' is given twice in the same mapping}. */
    static String said(JsonProcessingException failure) {
        int line = failure.getLocation() == null ? 1 : failure.getLocation().getLineNr();
        String why = failure.getOriginalMessage().lines().findFirst().orElse("");
        Matcher duplicate = DUPLICATE.matcher(why);
        if (duplicate.find()) {
            return "line %s: the key '%s' is given twice in the same mapping; remove one of the two"
                    .formatted(line, duplicate.group(1));
        }
        if (failure.getCause() instanceof MarkedYAMLException marked
                && marked.getProblemMark() != null) {
            Mark mark = marked.getProblemMark();
            return "line %s: %s"
                    .formatted(mark.getLine() + 1, said(marked, mark, String.valueOf(why)));
        }
        return "line " + line + ": this is not valid YAML (" + why + "); correct the line";
    }

    private static String said(MarkedYAMLException failure, Mark mark, String why) {
        String problem = String.valueOf(failure.getProblem());
        String context = String.valueOf(failure.getContext());
        Matcher character = CHARACTER.matcher(problem);
        if (character.find()) {
            int found = mark.getBuffer()[mark.getPointer()];
            return found == '\t'
                    ? "a tab indents this line; YAML is indented by spaces only"
                    : "a value cannot begin with '%s'; put it in quotes"
                            .formatted(Character.toString(found));
        }
        if (problem.contains("mapping values are not allowed")) {
            return "a key is not allowed here; align it with the keys beside it, or put a value"
                    + " that contains ': ' in quotes";
        }
        if (context.contains("flow mapping") || context.contains("flow sequence")) {
            return "the '%s' opened in line %s is never closed; close it"
                    .formatted(
                            context.contains("mapping") ? "{" : "[",
                            failure.getContextMark().getLine() + 1);
        }
        if (context.contains("quoted scalar")) {
            return "the quote opened in line %s is never closed; close it"
                    .formatted(failure.getContextMark().getLine() + 1);
        }
        if (problem.contains("block end")) {
            return "this line is indented differently from the ones beside it; align them";
        }
        return "this is not valid YAML (" + problem + ", " + why + "); correct the line";
    }
}

package dev.millrace.cli;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with the words of a command, in one line with one hint. */
final class UsageMistakes {
    /** Commands that are there only where the laboratory is. */
    private static final Set<String> LABORATORY =
            Set.of(
                    "millrace demo",
                    "millrace bench",
                    "millrace gpu-check",
                    "millrace queue",
                    "millrace train",
                    "millrace tune",
                    "millrace engine import",
                    "millrace engine try",
                    "millrace engine sweep",
                    "millrace engine overlap",
                    "millrace engine reload",
                    "millrace engine streams",
                    "millrace engine fault",
                    "millrace engine generate");

    private static final String NO_LABORATORY =
            "'%s' is a command of the laboratory, which is not installed here;"
                    + " put millrace-lab.jar and lib-lab beside millrace.jar, or run it from a checkout";

    private UsageMistakes() {}

    /** The line, with the name of the command before it. */
    static String line(ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        List<String> unmatched = command.getUnmatchedArguments();
        if (!unmatched.isEmpty() && LABORATORY.contains(name + " " + unmatched.getFirst())) {
            return name + ": " + NO_LABORATORY.formatted(unmatched.getFirst());
        }
        return name + ": " + what(mistake, unmatched) + "; see " + name + " --help";
    }

    private static String what(ParameterException mistake, List<String> unmatched) {
        return switch (mistake) {
            case UnmatchedArgumentException one -> unmatched(one);
            case MissingParameterException one -> missing(one, unmatched);
            case OverwrittenOptionException one -> name(one.getOverwritten()) + " is given twice";
            default -> value(mistake);
        };
    }

    private static String unmatched(UnmatchedArgumentException mistake) {
        String first = "'" + mistake.getUnmatched().getFirst() + "'";
        if (!mistake.isUnknownOption() && mistake.getCommandLine().getSubcommands().isEmpty()) {
            return first + " is one argument too many";
        }
        List<String> near = mistake.getSuggestions();
        return first
                + (mistake.isUnknownOption() ? " is not an option" : " is not a command")
                + (near.isEmpty() ? "" : "; did you mean " + near.getFirst() + "?");
    }

    /** A required word that is not there may be there with another name. */
    private static String missing(MissingParameterException mistake, List<String> unmatched) {
        if (mistake.getMessage().startsWith("Missing required parameter")) {
            ArgSpec option = mistake.getMissing().getFirst();
            return name(option)
                    + (option.isPositional()
                            ? " is missing"
                            : " needs a value: " + option.paramLabel());
        }
        if (!unmatched.isEmpty()) {
            return unmatched(new UnmatchedArgumentException(mistake.getCommandLine(), unmatched));
        }
        List<String> names = mistake.getMissing().stream().map(UsageMistakes::withValue).toList();
        return String.join(", ", names) + (names.size() == 1 ? " is missing" : " are missing");
    }

    private static String value(ParameterException mistake) {
        ArgSpec argument = mistake.getArgSpec();
        if (argument == null || mistake.getValue() == null) {
            String said = Failures.oneLine(mistake.getMessage());
            return said.equals("Missing required subcommand") ? "a command is missing" : said;
        }
        Class<?> type =
                argument.typeInfo().getAuxiliaryTypes().length == 0
                        ? argument.type()
                        : argument.typeInfo().getAuxiliaryTypes()[0];
        String before = name(argument) + ": '" + mistake.getValue() + "' ";
        if (type.isEnum()) {
            return before
                    + "is not one of "
                    + Stream.of(type.getEnumConstants())
                            .map(one -> one.toString().toLowerCase(Locale.ROOT))
                            .sorted()
                            .collect(Collectors.joining(", "));
        }
        if (type == int.class || type == Integer.class) {
            boolean digits = mistake.getValue().matches("[+-]?\\d+");
            return before + "is not a whole number" + (digits ? " up to " + Integer.MAX_VALUE : "");
        }
        if (type == long.class || type == Long.class) {
            return before + "is not a whole number";
        }
        if (type == double.class || type == Double.class) {
            return before + "is not a number";
        }
        String said = Failures.oneLine(mistake.getMessage());
        int at = said.indexOf("': ");
        return at < 0 ? said : name(argument) + ": " + said.substring(at + 3);
    }

    private static String name(ArgSpec argument) {
        return switch (argument) {
            case OptionSpec option -> option.longestName();
            case PositionalParamSpec parameter -> parameter.paramLabel();
            default -> argument.paramLabel();
        };
    }

    private static String withValue(ArgSpec argument) {
        return argument instanceof OptionSpec option
                ? option.longestName() + "=" + option.paramLabel()
                : name(argument);
    }
}

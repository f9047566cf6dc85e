package dev.millrace.config;

import static dev.millrace.yaml.Scalars.number;

import dev.millrace.yaml.YamlSection;

/**
 * Which messages have a line in the log.
 *
 * @param sample the share of those that ended well, 0 to 1; all others have one
 */
public record MessageLines(double sample) {
    public static final MessageLines DEFAULT = new MessageLines(1);

    static MessageLines read(YamlSection root) {
        return new MessageLines(
                root.section("log", "sample").get("sample", number(0, 1), DEFAULT.sample()));
    }
}

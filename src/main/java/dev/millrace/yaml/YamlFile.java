package dev.millrace.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A file that is read by its keys, and how a mistake in it is told.
 *
 * @param variables that go before its keys
 * @param mistake makes of one line what is thrown
 */
public record YamlFile(
        Path path, Variables variables, Function<String, ? extends Mistake> mistake) {
    private static final ObjectMapper YAML =
            YAMLMapper.builder(
                            YAMLFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                                    // Labels and tasks such as "no" and "on" are words.
                                    .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                                    .build())
                    .build();

    /**
     * The mapping that the file is.
     *
     * @param keys that may stand there, with commas; empty where any may
     */
    public YamlSection read(String keys) throws IOException {
        return read(Files.readAllBytes(path), keys);
    }

    /**
     * The same of bytes that were read already; the path is for messages alone.
     *
     * @param keys as above
     */
    public YamlSection read(byte[] content, String keys) throws IOException {
        try {
            return new YamlSection(this, "", YAML.readTree(content), keys);
        } catch (JsonProcessingException e) {
            throw mistake.apply(path + ": " + YamlSyntax.said(e));
        }
    }

    /** Throws for the first variable that no section asked for; called when all is read. */
    public void rejectUnknownVariables() {
        variables
                .unknown()
                .ifPresent(
                        line -> {
                            throw mistake.apply(line);
                        });
    }
}

package dev.millrace.cli;

import dev.millrace.batch.BucketLists;
import dev.millrace.batch.Columns;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of the commands that read lists of images. */
final class ImageOptions {
    @Option(
            names = "--url-column",
            paramLabel = "NAME",
            description =
                    "Column of a CSV file that has the URLs (default: the one called url, image_url,"
                            + " uri, image or link).")
    private Optional<String> urlColumn = Optional.empty();

    @Option(
            names = "--metadata-columns",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Columns of a CSV file that become the metadata of each message (default: none).")
    private List<String> metadataColumns = List.of();

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description =
                    "Store that s3:// words are listed at, such as http://localhost:9000 (default:"
                            + " AWS).")
    private Optional<URI> s3Endpoint = Optional.empty();

    @Option(
            names = "--s3-region",
            paramLabel = "NAME",
            description =
                    "Region of the buckets, where they do not say another (default: that of the"
                            + " environment).")
    private Optional<String> s3Region = Optional.empty();

    Columns columns() {
        return new Columns(urlColumn, metadataColumns);
    }

    BucketLists buckets() {
        return new BucketLists(s3Endpoint, s3Region);
    }
}

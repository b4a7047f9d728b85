#include <stdio.h>
#include <sys/stat.h>

int main(void)
{
    char word[16];
    struct stat in, out;
    scanf("%15s", word);
    rewind(stdin);
    scanf("%15s", word);
    fstat(0, &in);
    fstat(1, &out);
    printf("%s %d %d %d\n", word, (int)in.st_size, S_ISREG(in.st_mode), S_ISREG(out.st_mode));
    return 0;
}

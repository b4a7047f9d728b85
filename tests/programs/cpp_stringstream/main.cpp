#include <bits/stdc++.h>

using namespace std;

int main()
{
    string line;
    getline(cin, line);
    stringstream words(line);
    long long total = 0;
    for (string word; words >> word;)
        total += stoll(word, nullptr, 0);
    cout << total << ' ' << hex << showbase << total << dec << ' ' << setw(6) << setfill('0') << 42 << ' ' << setprecision(17) << 0.1 << endl;
}
